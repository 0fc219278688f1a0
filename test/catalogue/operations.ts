import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AnyOperation, Operation } from "../../src/graph/index.js";

// All operations of the library, found where they are defined, so that no list of them can go stale.

export type Catalogued = AnyOperation & Operation<string, object, string>;

const source = fileURLToPath(new URL("../../src/", import.meta.url));
const files = ["graph/primitives", "ops"].flatMap((folder) =>
  readdirSync(source + folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${source}${folder}/${name}`),
);

function isOperation(value: unknown): value is Catalogued {
  return typeof value === "object" && value !== null && "inputNames" in value && "apply" in value;
}

/** The definition that a public function carries, or what was exported itself. */
function operationOf(exported: unknown): unknown {
  return typeof exported === "function" && "operation" in exported ? exported.operation : exported;
}

async function operationsOf(file: string): Promise<readonly Catalogued[]> {
  const exported = (await import(file)) as Readonly<Record<string, unknown>>;
  return Object.values(exported).map(operationOf).filter(isOperation);
}

/** By name, which is one operation's alone. */
export const operations: readonly Catalogued[] = [...new Set((await Promise.all(files.map(operationsOf))).flat())].sort(
  (a, b) => (a.name < b.name ? -1 : 1),
);

export function operationNamed(name: string): Catalogued {
  const found = operations.find((operation) => operation.name === name);
  if (!found) throw new Error(`no operation is called ${name}`);
  return found;
}

/** Operations that a module keeps to itself, where this catalogue cannot find them. */
export function hiddenOperations(): readonly string[] {
  return files.flatMap((file) =>
    Array.from(
      readFileSync(file, "utf8").matchAll(/^const (\w+)[^=]*=\s*(?:\/\* @__PURE__ \*\/ )?(?:define|\w+Operation)\(/gm),
      ([, name]) => `${name!} in ${file.slice(source.length)}`,
    ),
  );
}

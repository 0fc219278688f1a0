// The package as others install it: packed, and installed into a fresh folder.
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";
import { run } from "./process.js";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Packed {
  readonly path: string;
  readonly files: readonly string[];
  readonly bytes: number;
}

/** Packs a package, which must be built, into `folder`. */
export async function pack(packageFolder: string, folder: string): Promise<Packed> {
  // Without scripts: `prepare` would build again.
  const options = ["--ignore-scripts", "--json", "--pack-destination", folder];
  const [packed] = JSON.parse(await run("npm", ["pack", ...options], { cwd: packageFolder })) as [
    { filename: string; size: number; files: { path: string }[] },
  ];
  return { path: join(folder, packed.filename), files: packed.files.map(({ path }) => path), bytes: packed.size };
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "wasmgrad-"));
}

/** A fresh folder with a manifest, for `install`. */
export function freshFolder(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  return folder;
}

/** Installs the packed package into a folder with npm, and writes program.js and main.js beside it. No network is used. */
export async function install(folder: string): Promise<Packed> {
  const packed = await pack(root, folder);
  // Packed from node_modules, so that a registry is not asked for it.
  const loader = await pack(join(root, "node_modules", "@assemblyscript", "loader"), folder);
  const options = ["--no-save", "--offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  await run("npm", ["install", ...options, packed.path, loader.path], { cwd: folder });
  writeProgram(folder);
  return packed;
}

/** program.ts as JavaScript, and a main.js that prints what it comes to. */
function writeProgram(folder: string): void {
  const source = readFileSync(fileURLToPath(new URL("program.ts", import.meta.url)), "utf8");
  writeFileSync(join(folder, "program.js"), transformSync(source, { loader: "ts" }).code);
  writeFileSync(
    join(folder, "main.js"),
    `import { trainAll } from "./program.js";\nconsole.log(JSON.stringify(await trainAll()));\n`,
  );
}

/** Copies what lies in test/matrix/tools, such as configurations of bundlers. */
export function copyTools(folder: string): void {
  cpSync(fileURLToPath(new URL("tools", import.meta.url)), folder, { recursive: true });
}

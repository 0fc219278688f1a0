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
  // Without scripts: `prepack` would build again.
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

/** Packs the package. It has no dependencies, so no registry is asked for any when it is installed. */
export async function packWasmgrad(folder: string): Promise<Packed> {
  return pack(root, folder);
}

/**
 * Installs the package into a folder with npm, and writes program.js and main.js beside it. The network is used for
 * `tools` only: further packages of npm, each with its version.
 */
export async function install(folder: string, wasmgrad: Packed, tools: readonly string[] = []): Promise<void> {
  const network = tools.length > 0 ? "--prefer-offline" : "--offline";
  const options = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", network];
  await run("npm", ["install", ...options, wasmgrad.path, ...tools], { cwd: folder });
  writeProgram(folder);
}

/** program.ts as JavaScript, and the modules that start it: main.js prints what it comes to, browser.js keeps it. */
function writeProgram(folder: string): void {
  const source = readFileSync(fileURLToPath(new URL("program.ts", import.meta.url)), "utf8");
  const { code } = transformSync(source, { loader: "ts" });
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  write("program.js", code);
  write("main.js", `import { trainAll } from "./program.js";\nconsole.log(JSON.stringify(await trainAll()));\n`);
  write("browser.js", `import { trainAll } from "./program.js";\nglobalThis.outcome = trainAll();\n`);
}

/** Puts the package's one file beside a program that imports it from there, and nothing else: copied.js. */
export function writeCopiedProgram(folder: string, start: string): void {
  cpSync(join(folder, "node_modules/wasmgrad/build/wasmgrad.min.js"), join(folder, "wasmgrad.min.js"));
  const program = readFileSync(join(folder, "program.js"), "utf8").replace('"wasmgrad"', '"./wasmgrad.min.js"');
  writeFileSync(join(folder, "copied.js"), `${program}\n${start}\n`);
}

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build as esbuild } from "esbuild";
import { build as vite } from "vite";
import { afterAll, describe, expect, it } from "vitest";
import { probeHost } from "../../src/engine/index.js";
import { faultsOf, withThreads } from "../matrix/expectations.js";
import { freshFolder, install, packWasmgrad, writeCopiedProgram } from "../matrix/package.js";
import { runProgram } from "../matrix/process.js";

const folder = freshFolder();
afterAll(() => rmSync(folder, { recursive: true }));
await install(folder, await packWasmgrad(folder));
const expected = { ...withThreads, build: probeHost().relaxed ? "relaxed" : "simd" } as const;
const plain = await runProgram(process.execPath, ["main.js"], folder);

/** A program that gives the engine compiled modules, and prints what it comes to. */
function writeModuleProgram(suffix: string): string {
  const name = `modules${suffix}.js`;
  const lines = [
    `import { readFileSync } from "node:fs";`,
    `import { fileURLToPath } from "node:url";`,
    `import { trainAll } from "./program.js";`,
    `const read = (name) => readFileSync(fileURLToPath(import.meta.resolve("wasmgrad/" + name)));`,
    `const simd = new WebAssembly.Module(read("simd${suffix}.wasm"));`,
    `console.log(JSON.stringify(await trainAll({ simd, relaxed: simd })));`,
  ];
  writeFileSync(join(folder, name), lines.join("\n"));
  return name;
}

describe("a program that imports the installed package by its bare name", () => {
  it("trains in this Node, on two threads, saves its model, and ends with an engine open", () => {
    expect(faultsOf(plain, expected)).toEqual([]);
  });

  it("trains to the same bits with simd.wasm given as a module, on one thread, saying why", async () => {
    const outcome = await runProgram(process.execPath, [writeModuleProgram("")], folder);
    const threads = { threads: 1, threadsReason: "the given module imports an unshared memory" };
    expect(faultsOf(outcome, { ...expected, ...threads, build: "custom" }, plain.hash)).toEqual([]);
  });

  it("trains to the same bits with simd-threads.wasm given as a module, on two threads", async () => {
    const outcome = await runProgram(process.execPath, [writeModuleProgram("-threads")], folder);
    expect(faultsOf(outcome, { ...expected, build: "custom" }, plain.hash)).toEqual([]);
  });

  it("trains to the same bits after esbuild, as a bundle for browsers", async () => {
    const options = { bundle: true, minify: true, format: "esm", platform: "browser", logLevel: "silent" } as const;
    const { warnings } = await esbuild({
      ...options,
      absWorkingDir: folder,
      entryPoints: ["main.js"],
      outfile: "esbuild.js",
    });
    expect(warnings).toEqual([]);
    expect(faultsOf(await runProgram(process.execPath, ["esbuild.js"], folder), expected, plain.hash)).toEqual([]);
  });

  it("trains to the same bits after Vite's build, with no file beside the script", async () => {
    const logs: string[] = [];
    const result = await vite({
      ...{ root: folder, configFile: false, logLevel: "silent" },
      build: {
        write: false,
        modulePreload: false,
        target: "es2022",
        rolldownOptions: {
          input: join(folder, "main.js"),
          onLog: (level, { message }) => void logs.push(`${level}: ${message}`),
        },
      },
    });
    const outputs = [result].flat().flatMap((bundle) => ("output" in bundle ? bundle.output : []));
    expect(outputs.map(({ type }) => type)).toEqual(["chunk"]);
    expect(logs).toEqual([]);
    const [chunk] = outputs;
    if (chunk?.type === "chunk") writeFileSync(join(folder, "vite.js"), chunk.code);
    expect(faultsOf(await runProgram(process.execPath, ["vite.js"], folder), expected, plain.hash)).toEqual([]);
  });

  it("trains to the same bits with the one file that pages take, copied", async () => {
    writeCopiedProgram(folder, "console.log(JSON.stringify(await trainAll()));");
    expect(faultsOf(await runProgram(process.execPath, ["copied.js"], folder), expected, plain.hash)).toEqual([]);
  });
});

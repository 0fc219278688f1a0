import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, describe, expect, it } from "vitest";
import { freshFolder, install, packWasmgrad } from "../matrix/package.js";

const folder = freshFolder();
afterAll(() => rmSync(folder, { recursive: true }));
await install(folder, await packWasmgrad(folder));

/** A program of a user. Its last line misspells an option. */
const program = (entryPoint: string): string => `
import { createEngine, type Dataset, type EngineOptions, nn, RemoteTrainer } from "${entryPoint}";
const options: EngineOptions = { seed: 1 };
const engine = await createEngine(options);
const model = nn.sequential(nn.linear({ outFeatures: 2 })).build(engine, { inputShape: [2] });
export const prediction: Float32Array = model.predict(new Float32Array(2));
export type { Dataset };
/** As @types/node declares a Worker of node:worker_threads, whose types the package must do without. */
declare class NodeWorker {
  postMessage(value: any, transferList?: readonly (ArrayBuffer | { readonly node: true })[]): void;
  on(event: "error", listener: (error: Error) => void): this;
  on(event: "exit", listener: (exitCode: number) => void): this;
  on(event: string | symbol, listener: (...values: any[]) => void): this;
  off(event: "error", listener: (error: Error) => void): this;
  off(event: string | symbol, listener: (...values: any[]) => void): this;
  terminate(): Promise<number>;
}
for (const endpoint of [new NodeWorker(), new Worker("worker.js"), new MessageChannel().port1]) {
  new RemoteTrainer(endpoint, { onProgress: ({ losses }) => console.log(losses.length) }).close();
}
model.dispose();
await engine.close();
nn.linear({ outFeature: 2 });
`;

/** A program that leaves it to the language to give memory back. */
const usingProgram = (entryPoint: string): string => `
import { createEngine, losses, nn, optim, Trainer } from "${entryPoint}";
await using engine = await createEngine();
using model = nn.sequential(nn.linear({ outFeatures: 2 })).build(engine, { inputShape: [2] });
using trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.sgd({ learningRate: 1 }) });
export const all: [AsyncDisposable, Disposable, Disposable] = [engine, model, trainer];
`;

const entryPoints = ["wasmgrad", "wasmgrad/simd", "wasmgrad/bundle"];

/** What the compiler says of a file for each entry point. */
function messagesOf(
  programOf: (entryPoint: string) => string,
  [module, moduleResolution]: readonly [ts.ModuleKind, ts.ModuleResolutionKind],
  lib: readonly string[],
): string[] {
  const files = entryPoints.map((entryPoint, i) => {
    const file = join(folder, `user-${i}.ts`);
    writeFileSync(file, programOf(entryPoint));
    return file;
  });
  const options: ts.CompilerOptions = {
    ...{ target: ts.ScriptTarget.ES2022, module, moduleResolution, noEmit: true, types: [] },
    ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false },
    lib: lib.map((name) => `lib.${name}.d.ts`),
  };
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram(files, options));
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

describe("the types of each entry point", () => {
  it.each([
    ["node16", [ts.ModuleKind.Node16, ts.ModuleResolutionKind.Node16]],
    ["bundler", [ts.ModuleKind.ESNext, ts.ModuleResolutionKind.Bundler]],
  ] as const)("find the one error of a strict program under %s, their declarations checked too", (_, modules) => {
    expect(messagesOf(program, modules, ["es2022", "dom"])).toEqual(
      entryPoints.map(() => expect.stringMatching(/'outFeature' does not exist/) as unknown),
    );
  });

  it("let `using` dispose and close where the compiler's library knows it", () => {
    const modules = [ts.ModuleKind.Node16, ts.ModuleResolutionKind.Node16] as const;
    expect(messagesOf(usingProgram, modules, ["es2022", "dom", "esnext.disposable"])).toEqual([]);
  });
});

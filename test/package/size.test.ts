import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { root } from "../matrix/package.js";

/** A minified browser bundle of a module, and its size on the wire. */
async function bundle(source: string): Promise<{ code: string; gzipped: number }> {
  const { outputFiles } = await build({
    ...{ bundle: true, minify: true, format: "esm", platform: "browser", write: false },
    stdin: { contents: source, resolveDir: root },
  });
  const { contents, text } = outputFiles[0]!;
  return { code: text, gzipped: gzipSync(contents, { level: 9 }).length };
}

const perceptron = `
  import * as data from "wasmgrad/data";
  import * as losses from "wasmgrad/losses";
  import * as nn from "wasmgrad/nn";
  import * as optim from "wasmgrad/optim";
  import { createEngine, Trainer } from "wasmgrad/simd";
  const engine = await createEngine();
  const model = nn
    .sequential(nn.linear({ outFeatures: 32 }), nn.relu(), nn.linear({ outFeatures: 2 }))
    .build(engine, { inputShape: [2] });
  const set = data.dataset({ inputs: new Float32Array(8), inputShape: [2], targets: new Uint8Array(4) });
  const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.adam({ learningRate: 1e-2 }) });
  for await (const report of trainer.fit(set, { epochs: 3 })) console.log(report.loss);
  console.log(model.predict(new Float32Array(2)));
`;

describe("a minified browser bundle", () => {
  it.each([
    ["of everything, with both builds of the kernels", `export * from "wasmgrad";`, 174e3],
    ["of a program that trains a perceptron with the simd build", perceptron, 103e3],
    ["of an error class alone", `export { WasmgradError } from "wasmgrad";`, 500],
  ])("%s is within its limit", async (what, source, limit) => {
    const { gzipped } = await bundle(source);
    process.stdout.write(`bundle ${what}: ${gzipped} bytes gzipped, limit ${limit}\n`);
    expect(gzipped).toBeLessThanOrEqual(limit);
  });

  it("drops what a program does not use, kernels included", async () => {
    const { code } = await bundle(`export { Graph, losses } from "wasmgrad";`);
    expect(code).toMatch(/crossEntropy/);
    expect(code).not.toMatch(/DecompressionStream|safetensors|learningRate/);
    expect(code).not.toMatch(/[A-Za-z0-9+/]{1000}/);
  });

  it("drops the layers and operations that stand in one module with one that is used", async () => {
    const { code } = await bundle(`export { relu } from "wasmgrad/nn";`);
    expect(code).toMatch(/"relu"/);
    // As names of definitions: the instructions of the pointwise kernel are one text.
    expect(code).not.toMatch(/"(sigmoid|tanh|softmax|batchNorm|dropout|conv2d)"/);
  });
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as safetensors from "../../src/formats/safetensors.js";
import { ArgumentError, createEngine, FormatError, nn, ops, ShapeError } from "../../src/index.js";
import { expectClose, expectIdentical } from "../expect.js";
import { randomFloats } from "../random.js";

const cnn = (): nn.Sequential =>
  nn.sequential(
    nn.conv2d({ outChannels: 4, kernelSize: 3, padding: 1 }),
    nn.batchNorm(),
    nn.relu(),
    nn.maxPool2d({ kernelSize: 2 }),
    nn.flatten(),
    nn.linear({ outFeatures: 5 }),
  );

describe("Model", async () => {
  const engine = await createEngine({ seed: 5 });

  it("infers shapes, names state by structure and counts parameters", () => {
    const model = cnn().build(engine, { inputShape: [8, 6, 3] });
    expect(model.outputShape).toEqual([5]);
    expect(model.entries.map(({ name, shape }) => [name, shape])).toEqual([
      ["0.weight", [3, 3, 3, 4]],
      ["0.bias", [4]],
      ["1.weight", [4]],
      ["1.bias", [4]],
      ["1.runningMean", [4]],
      ["1.runningVariance", [4]],
      ["5.weight", [48, 5]],
      ["5.bias", [5]],
    ]);
    expect(model.parameterCount).toBe(108 + 4 + 8 + 240 + 5);
  });

  it("draws the same parameters from the same seed, and others from another", async () => {
    const weights = async (seed: number): Promise<Float32Array> =>
      cnn()
        .build(await createEngine({ seed }), { inputShape: [8, 6, 3] })
        .state()
        .get("0.weight")!.data;
    expectIdentical(await weights(3), await weights(3));
    expect([...(await weights(4))]).not.toEqual([...(await weights(3))]);
  });

  it("predicts each sample the same whatever the batch size", () => {
    const model = cnn().build(engine, { inputShape: [8, 6, 3] });
    const inputs = randomFloats(7 * 144);
    const outputs = model.predict(inputs);
    expect(outputs.length).toBe(35);
    for (const batchSize of [1, 2, 3, 7, 100]) {
      expectClose(model.predict(inputs, { batchSize }), outputs, { relative: 1e-5, absolute: 1e-6 });
    }
    expect(model.predict(new Float32Array(0)).length).toBe(0);
  });

  it("scales bytes by 1/255", () => {
    const model = nn.sequential(nn.lambda((x) => x)).build(engine, { inputShape: [256] });
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    expectClose(
      model.predict(bytes),
      [...bytes].map((byte) => byte / 255),
      { relative: 1e-7 },
    );
  });

  it("branches by plain functions of Values and by nn.residual", () => {
    const model = nn
      .sequential(
        nn.residual(nn.relu()),
        nn.lambda((x) => ops.add(x, ops.relu(x))),
      )
      .build(engine, { inputShape: [3] });
    expect([...model.predict(Float32Array.of(-1, 0, 2))]).toEqual([-1, 0, 8]);
  });

  it.each([
    ["after a linear layer", [3], [nn.linear({ outFeatures: 4 }), nn.batchNorm()], [4]],
    ["after flatten", [2, 2, 1], [nn.flatten(), nn.batchNorm()], [4]],
    ["on raw features", [3], [nn.batchNorm(), nn.linear({ outFeatures: 2 })], [2]],
    [
      "after a convolution down to 1×1",
      [3, 3, 2],
      [nn.conv2d({ outChannels: 5, kernelSize: 3 }), nn.batchNorm()],
      [1, 1, 5],
    ],
    ["after global pooling", [4, 4, 2], [nn.maxPool2d({ kernelSize: 4 }), nn.batchNorm(), nn.flatten()], [2]],
    ["in a residual branch", [3], [nn.residual(nn.linear({ outFeatures: 3 }), nn.batchNorm(), nn.relu())], [3]],
  ])("builds with batch norm %s, whose channels have one element a sample", (_, inputShape, layers, outputShape) => {
    const model = nn.sequential(...layers).build(engine, { inputShape });
    expect(model.outputShape).toEqual(outputShape);
    expect(model.predict(new Float32Array(model.inputShape.reduce((a, b) => a * b))).length).toBe(
      outputShape.reduce((a, b) => a * b),
    );
  });

  it.each([
    [
      "conv2d on vectors",
      nn.sequential(nn.relu(), nn.conv2d({ outChannels: 2, kernelSize: 3 })),
      [9],
      /layer 1 \(conv2d\): .*\[2, 9\]/,
    ],
    [
      "a kernel larger than the image",
      nn.sequential(nn.conv2d({ outChannels: 2, kernelSize: 5 })),
      [3, 3, 1],
      /layer 0 \(conv2d\)/,
    ],
    [
      "a residual that changes the shape",
      nn.sequential(nn.residual(nn.linear({ outFeatures: 3 }))),
      [4],
      /layer 0 \(residual\): add: .* the model's input, \[2, 4\], and the output of layer 0\.0 \(linear\), \[2, 3\]/,
    ],
    [
      "an error deep inside",
      nn.sequential(nn.relu(), nn.sequential(nn.relu(), nn.maxPool2d({ kernelSize: 2 }))),
      [4],
      /^layer 1\.1 \(maxPool2d\): wants .* got the output of layer 1\.0 \(relu\), \[2, 4\]$/,
    ],
    [
      "a layer that loses the batch",
      nn.sequential(
        nn.relu(),
        nn.lambda((x) => ops.reshape(x, [x.size]), "squash"),
        nn.relu(),
      ),
      [4],
      /^reshape in layer 1 \(squash\) turns \[2, 4\] into \[8\] for a batch of 2 samples: the first axis/,
    ],
  ])("rejects %s when it is built, naming the layer", (_, layers, inputShape, message) => {
    expect(() => layers.build(engine, { inputShape })).toThrow(ShapeError);
    expect(() => layers.build(engine, { inputShape })).toThrow(message);
  });

  it.each([
    ["outFeatures", () => nn.linear({ outFeatures: 0 })],
    ["outChannels", () => nn.conv2d({ outChannels: 1.5, kernelSize: 3 })],
    ["kernelSize", () => nn.conv2d({ outChannels: 1, kernelSize: [3, 0] })],
    ["stride", () => nn.maxPool2d({ kernelSize: 2, stride: -1 })],
    ["padding", () => nn.conv2d({ outChannels: 1, kernelSize: 3, padding: NaN })],
    ["momentum", () => nn.batchNorm({ momentum: 2 })],
    ["epsilon", () => nn.batchNorm({ epsilon: NaN })],
    ["p", () => nn.dropout({ p: 1.5 })],
    ["inputShape", () => nn.sequential(nn.relu()).build(engine, { inputShape: [0] })],
  ])("rejects a bad %s, naming it", (name, make) => {
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(name);
  });

  it("rejects inputs that are no whole number of samples", () => {
    const model = cnn().build(engine, { inputShape: [8, 6, 3] });
    expect(() => model.predict(new Float32Array(145))).toThrow(/\[8, 6, 3\], 144 numbers each; got 145/);
  });

  it("gives its state as bytes and takes it from bytes, as from files", async () => {
    const model = cnn().build(engine, { inputShape: [8, 6, 3] });
    const other = cnn().build(engine, { inputShape: [8, 6, 3] });
    await safetensors.load(other, safetensors.toBytes(model));
    expect(other.state()).toEqual(model.state());
    await expect(
      safetensors.load(other, safetensors.toBytes(model).subarray(0, 40), "dropped.safetensors"),
    ).rejects.toThrow(/^dropped\.safetensors: /);
    expect(other.state()).toEqual(model.state());
  });

  it("saves and loads to the same predictions, and refuses files of another model unchanged", async () => {
    const folder = await mkdtemp(join(tmpdir(), "wasmgrad-"));
    try {
      const path = join(folder, "model.safetensors");
      const model = cnn().build(engine, { inputShape: [8, 6, 3] });
      const inputs = randomFloats(3 * 144);
      await safetensors.save(model, path);
      const other = cnn().build(engine, { inputShape: [8, 6, 3] });
      const before = other.predict(inputs);
      expect([...before]).not.toEqual([...model.predict(inputs)]);
      await safetensors.load(other, path);
      expectIdentical(other.predict(inputs), model.predict(inputs));

      const different = cnn().build(engine, { inputShape: [6, 6, 3] });
      const state = different.state();
      await expect(safetensors.load(different, path)).rejects.toThrow(FormatError);
      await expect(safetensors.load(different, path)).rejects.toThrow(
        /5\.weight is \[48, 5\], this model wants \[36, 5\]/,
      );
      expect(different.state()).toEqual(state);

      await writeFile(path, "no model");
      await expect(safetensors.load(different, path)).rejects.toThrow(FormatError);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("gives its memory back when it is collected: 300 models do not grow linear memory", async () => {
    const collect = (globalThis as { gc?: () => void }).gc;
    expect(collect, "tests run with --expose-gc").toBeDefined();
    const build = (): void => {
      const model = nn.sequential(nn.linear({ outFeatures: 256 })).build(engine, { inputShape: [1024] });
      model.predict(new Float32Array(1024));
    };
    const settle = async (): Promise<void> => {
      collect?.();
      await new Promise((resolve) => setTimeout(resolve, 5));
    };
    for (let i = 0; i < 20; i++) build();
    await settle();
    const before = engine.memory.byteLength;
    for (let i = 0; i < 300; i++) {
      build();
      if (i % 10 === 0) await settle();
    }
    // Ten models of 2 MB between collections, and as much again for what is not collected at once.
    expect(engine.memory.byteLength).toBeLessThan(before + 64e6);
  });
});

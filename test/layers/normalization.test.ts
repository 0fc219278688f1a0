import { describe, expect, it } from "vitest";
import { createEngine, data, losses, nn, optim, Trainer } from "../../src/index.js";
import { expectClose } from "../expect.js";
import { randomFloats } from "../random.js";

const engine = await createEngine({ seed: 3, threads: 1 });

/** A step of training whose learning rate moves nothing: buffers alone change. */
function passOver(model: nn.Model, inputs: Float32Array, outputs: number): Promise<unknown> {
  const length = inputs.length / model.inputShape.reduce((a, b) => a * b, 1);
  const set = data.dataset({
    inputs,
    inputShape: model.inputShape,
    targets: new Float32Array(length * outputs),
    targetShape: model.outputShape,
  });
  const trainer = new Trainer(model, {
    loss: losses.meanSquaredError(),
    optimizer: optim.sgd({ learningRate: 0 }),
  });
  return trainer.fit(set, { epochs: 1, batchSize: length, shuffle: false });
}

const stateOf = (model: nn.Model, name: string): Float32Array => model.state().get(name)!.data;

describe("batchNorm", () => {
  it("without parameters and running statistics has no state, and evaluates by the batch", () => {
    const model = nn
      .sequential(nn.batchNorm({ affine: false, trackRunningStatistics: false, epsilon: 1e-12 }))
      .build(engine, { inputShape: [1] });
    expect(model.entries).toEqual([]);
    expectClose(model.predict([1, 3, 1, 3]), [-1, 1, -1, 1], { absolute: 1e-6 });
  });

  it("of momentum null keeps the mean of the statistics of all batches", async () => {
    const model = nn.sequential(nn.batchNorm({ momentum: null })).build(engine, { inputShape: [1] });
    await passOver(model, Float32Array.of(1, 3), 1);
    expectClose(stateOf(model, "0.runningMean"), [2], { absolute: 1e-6 });
    await passOver(model, Float32Array.of(4, 8), 1);
    await passOver(model, Float32Array.of(1, 1), 1);
    expectClose(stateOf(model, "0.runningMean"), [3], { absolute: 1e-6 });
    expectClose(stateOf(model, "0.runningVariance"), [10 / 3], { absolute: 1e-6 });
    expectClose(stateOf(model, "0.batchesTracked"), [3], { absolute: 0 });
  });
});

describe("instanceNorm", () => {
  it("with running statistics moves them to the samples' mean and unbiased variance, and evaluates by them", async () => {
    const layer = nn.instanceNorm({ trackRunningStatistics: true, momentum: 0.5 });
    const model = nn.sequential(layer).build(engine, { inputShape: [2, 1] });
    await passOver(model, Float32Array.of(1, 3, 5, 9), 2);
    expectClose(stateOf(model, "0.runningMean"), [2.25], { absolute: 1e-6 });
    expectClose(stateOf(model, "0.runningVariance"), [3], { absolute: 1e-6 });
    expectClose(model.predict([2.25, 4.25]), [0, 2 / Math.sqrt(3)], { absolute: 1e-4 });
  });

  it("refuses samples of one place", () => {
    expect(() => nn.sequential(nn.instanceNorm()).build(engine, { inputShape: [1, 3] })).toThrow(/more than 1 place/);
  });
});

describe("rows and groups", () => {
  it.each([
    ["layerNorm", nn.layerNorm({ epsilon: 1e-5 })],
    ["groupNorm of one group", nn.groupNorm({ numGroups: 1 })],
  ])("%s of a mean of 1e4 cancels nothing", (_, layer) => {
    const x = randomFloats(64, 3).map((value) => Math.fround(value + 1e4));
    const model = nn.sequential(layer).build(engine, { inputShape: [64] });
    const mean = x.reduce((a, b) => a + b, 0) / 64;
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 64;
    expectClose(
      model.predict(x),
      Array.from(x, (value) => (value - mean) / Math.sqrt(variance + 1e-5)),
      { absolute: 2e-6 },
    );
  });
});

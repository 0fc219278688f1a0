import { describe, expect, it } from "vitest";
import { createEngine, data, type EpochReport, losses, nn, NonFiniteError, optim, Trainer } from "../../src/index.js";
import { randomFloats } from "../random.js";

describe("an update that overflows by finite gradients", () => {
  async function fit(optimizer: optim.Optimizer, inputs: number[], epochs = 1): Promise<readonly EpochReport[]> {
    const engine = await createEngine({ seed: 1 });
    const model = nn.sequential(nn.linear({ outFeatures: 1 })).build(engine, { inputShape: [2] });
    const set = data.dataset({ inputs: Float32Array.from(inputs), inputShape: [2], targets: new Float32Array(2) });
    return new Trainer(model, { loss: losses.meanSquaredError(), optimizer }).fit(set, { epochs });
  }

  it.each([
    [
      "the parameters of SGD",
      optim.sgd({ learningRate: 3e38 }),
      [1, 2, 3, 4],
      /optim\.sgd .*0\.weight holds -?Infinity/,
    ],
    [
      "the square in AdaGrad",
      optim.adagrad({ learningRate: 1e-30 }),
      [1e15, 2, 3, 4],
      /state of optim\.adagrad is not finite/,
    ],
    ["the square in Adam", optim.adam({ learningRate: 1e-30 }), [1e18, 2, 3, 4], /state of optim\.adam is not finite/],
    ["0/0 in Adam without epsilon", optim.adam({ learningRate: 1, epsilon: 0 }), [0, 1, 0, 1], /0\.weight holds NaN/],
  ])("ends the fit at the end of its epoch at the latest: %s", async (_, optimizer, inputs, message) => {
    await expect(fit(optimizer, inputs)).rejects.toThrow(NonFiniteError);
    await expect(fit(optimizer, inputs)).rejects.toThrow(message);
    await expect(fit(optimizer, inputs)).rejects.toThrow(
      /^epoch 1: all losses and gradients were finite, but an update/,
    );
  });

  it("is found in a run that is stopped within an epoch, too", async () => {
    const engine = await createEngine({ seed: 1 });
    const model = nn.sequential(nn.linear({ outFeatures: 1 })).build(engine, { inputShape: [2] });
    const set = data.dataset({ inputs: randomFloats(8), inputShape: [2], targets: new Float32Array(4) });
    const trainer = new Trainer(model, {
      loss: losses.meanSquaredError(),
      optimizer: optim.sgd({ learningRate: 3e38 }),
    });
    const run = trainer.fit(set, { batchSize: 1, onStep: () => void run.stop().catch(() => undefined) });
    await expect(run).rejects.toThrow(/an update by optim\.sgd has overflowed/);
    expect(trainer.step).toBe(1);
  });
});

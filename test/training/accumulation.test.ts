import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  createEngine,
  data,
  losses,
  type Model,
  nn,
  optim,
  StateError,
  Trainer,
} from "../../src/index.js";
import { expectClose, expectIdentical } from "../expect.js";
import { randomFloats } from "../random.js";
import { numbersOf, perceptron, quadrants, trainerOf } from "./quadrants.js";

/** A perceptron without dropout. */
async function plain(): Promise<Model> {
  return nn
    .sequential(nn.linear({ outFeatures: 8 }), nn.tanh(), nn.linear({ outFeatures: 4 }))
    .build(await createEngine({ seed: 3, threads: 1 }), { inputShape: [2] });
}

describe("steps over several batches", () => {
  it.each<[string, () => optim.Optimizer, number, number]>([
    ["SGD", () => optim.sgd({ learningRate: 0.3, momentum: 0.9 }), 40, 0],
    ["Adam", () => optim.adam({ learningRate: 0.02 }), 37, 0],
    ["LAMB", () => optim.lamb({ learningRate: 0.02 }), 41, 0],
    ["Lion with clipping", () => optim.lion({ learningRate: 0.01 }), 29, 0.2],
  ])("are those over the large batch to rounding: %s", async (_, optimizer, samples, most) => {
    const points = quadrants(samples);
    const clipping = most > 0 ? optim.clipByGlobalNorm(most) : undefined;
    const train = async (
      batchSize: number,
      accumulate: number,
    ): Promise<{ model: Model; steps: number[]; trainer: Trainer }> => {
      const model = await plain();
      const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer: optimizer(), clipping, seed: 1 });
      const steps: number[] = [];
      const onStep = ({ loss }: { loss: number }): number => steps.push(loss);
      await trainer.fit(points, { epochs: 3, batchSize, accumulate, onStep });
      return { model, steps, trainer };
    };
    const [large, small] = await Promise.all([train(16, 1), train(4, 4)]);
    expect(small.trainer.step).toBe(large.trainer.step);
    expect(small.steps).toHaveLength(3 * Math.ceil(samples / 16));
    expectClose(small.steps, large.steps, { absolute: 1e-5 });
    expectClose(numbersOf(small.model), numbersOf(large.model), { absolute: 1e-5 });
  });

  it("count all samples of an epoch, and drop dropout's units anew for each batch", async () => {
    const model = await perceptron();
    const trainer = trainerOf(model, optim.sgd({ learningRate: 0 }), 5);
    const points = quadrants(8);
    const seen: number[] = [];
    const doubled = data.dataset({
      inputs: Float32Array.from([...points.inputs, ...points.inputs] as number[]),
      inputShape: [2],
      targets: Uint8Array.from([...points.targets, ...points.targets] as number[]),
    });
    const settings = { shuffle: false, batchSize: 8, onStep: ({ loss }: { loss: number }) => void seen.push(loss) };
    await trainer.fit(points, { ...settings, epochs: 1 });
    const [{ loss } = { loss: NaN }] = await trainer.fit(doubled, { ...settings, accumulate: 2 });
    expect(loss).toBe(seen[1]);
    const twin = trainerOf(await perceptron(), optim.sgd({ learningRate: 0 }), 5);
    const each: number[] = [];
    await twin.fit(points, { ...settings, epochs: 3, onStep: (report) => void each.push(report.loss) });
    expect(each[1]).not.toBe(each[2]);
    expect(Math.abs(seen[1]! - (each[1]! + each[2]!) / 2)).toBeLessThan(1e-6);
  });

  it("leave nothing of a batch that is not finite, whichever it is", async () => {
    for (const bad of [0, 1, 2]) {
      const inputs = randomFloats(24, 4);
      inputs[8 * bad] = NaN;
      const dataset = { length: 12, inputs, inputShape: [2], targets: new Uint8Array(12), targetShape: [] };
      const trainer = trainerOf(await plain(), optim.adam({ learningRate: 0.1 }));
      const before = numbersOf(trainer.model);
      const settings = { batchSize: 4, accumulate: 3, shuffle: false };
      const [report] = await trainer.fit(dataset, { ...settings, onNonFinite: "skip" });
      expect(report).toMatchObject({ skipped: 1 });
      expectIdentical(numbersOf(trainer.model), before);
      await expect(trainer.fit(dataset, settings)).rejects.toThrow(`sample ${4 * bad}`);
      expectIdentical(numbersOf(trainer.model), before);
    }
  });

  it("refuse a number of batches that is none", async () => {
    const trainer = trainerOf(await plain());
    for (const accumulate of [0, 1.5, -1, "2"]) {
      await expect(trainer.fit(quadrants(4), { accumulate: accumulate as number })).rejects.toThrow(ArgumentError);
    }
  });
});

describe("averages of weights", () => {
  const points = quadrants(40);

  it("are the running mean of the weights after each step, and take their place for a while", async () => {
    const model = await plain();
    const averaged = optim.movingAverage(optim.adam({ learningRate: 0.05 }), { decay: 0.8, warmUp: true });
    const trainer = trainerOf(model, averaged, 1);
    const start = numbersOf(model);
    expect(trainer.withAverage(() => numbersOf(model))).toEqual(start);
    let mean: number[] = [];
    for (let step = 1; step <= 9; step++) {
      trainer.trainStep(points, 0, 20);
      const rest = step === 1 ? 1 : 1 - Math.min(0.8, (1 + step) / (10 + step));
      const now = numbersOf(model);
      mean = now.map((w, i) => (mean[i] ?? 0) + rest * (w - (mean[i] ?? 0)));
    }
    const weights = numbersOf(model);
    const inputs = Float32Array.of(0.3, -0.4);
    const plainOutput = model.predict(inputs);
    const [found, output] = trainer.withAverage(() => [numbersOf(model), model.predict(inputs)] as const);
    expectClose(found, mean, { absolute: 1e-6 });
    expect([...output]).not.toEqual([...plainOutput]);
    expectIdentical(numbersOf(model), weights);
    expectIdentical(model.predict(inputs), plainOutput);

    const twin = await plain();
    twin.loadState(new Map(trainer.withAverage(() => [...model.state()])));
    expectIdentical(twin.predict(inputs), output);
    const expected = await trainerOf(twin).evaluate(points);
    // At the same time as an evaluation of the weights.
    const [ofWeights, ofAverage] = await Promise.all([
      trainer.evaluate(points, { batchSize: 7 }),
      trainer.evaluate(points, { batchSize: 7, averaged: true }),
    ]);
    expect(Math.abs(ofAverage.loss - expected.loss)).toBeLessThan(1e-6);
    expect(ofWeights.loss).not.toBe(ofAverage.loss);
    expectIdentical(numbersOf(model), weights);
  });

  it("leave training as it is without them", async () => {
    const [plainly, averaging] = await Promise.all(
      [optim.nadam({ learningRate: 0.05 }), optim.movingAverage(optim.nadam({ learningRate: 0.05 }))].map(
        async (optimizer) => {
          const trainer = trainerOf(await plain(), optimizer, 1);
          await trainer.fit(points, { epochs: 3, batchSize: 8 });
          return numbersOf(trainer.model);
        },
      ),
    );
    expectIdentical(plainly!, averaging!);
  });

  it("are not there unless an optimizer keeps them, and are not trained on", async () => {
    const trainer = trainerOf(await plain());
    expect(() => trainer.withAverage(() => 1)).toThrow(StateError);
    await expect(trainer.evaluate(points, { averaged: true })).rejects.toThrow("optim.movingAverage");
    const averaging = trainerOf(await plain(), optim.movingAverage(optim.sgd({ learningRate: 0.1 })));
    averaging.trainStep(points, 0, 10);
    const weights = numbersOf(averaging.model);
    expect(() => averaging.withAverage(() => averaging.trainStep(points, 0, 10))).toThrow(StateError);
    expect(() => averaging.withAverage(() => { throw new RangeError("mine"); })).toThrow(RangeError); // prettier-ignore
    expect(() => averaging.withAverage(async () => Promise.resolve(1))).toThrow("must not be async");
    expect(averaging.withAverage(() => averaging.withAverage(() => 3))).toBe(3);
    expectIdentical(numbersOf(averaging.model), weights);
  });
});

describe("the learning rate", () => {
  const points = quadrants(20);

  it("is set by hand between steps; groups keep their ratio to it, and the schedule its factor", async () => {
    const rates = { learningRate: 0.1, schedule: optim.schedules.inverseSquareRoot() };
    const groups = [{ match: optim.biasesAndNorms, learningRate: 0.02 }];
    const trainer = trainerOf(await plain(), optim.sgd({ ...rates, groups }));
    expect(trainer.learningRate).toBe(0.1);
    trainer.learningRate = 0.05;
    expect(trainer.learningRate).toBe(0.05);
    trainer.trainStep(points, 0, 20);
    const halved = optim.sgd({ ...rates, learningRate: 0.05, groups: [{ ...groups[0]!, learningRate: 0.01 }] });
    const twin = trainerOf(await plain(), halved);
    twin.trainStep(points, 0, 20);
    expectClose(numbersOf(trainer.model), numbersOf(twin.model), { absolute: 1e-7 });
    for (const wrong of [-1, NaN, "0.1", 1e39]) {
      expect(() => (trainer.learningRate = wrong as number)).toThrow(ArgumentError);
    }
    expect(trainer.learningRate).toBe(0.05);
  });

  it("goes down on a plateau of the losses that a fit monitors", async () => {
    const factors: number[] = [];
    const plateau = optim.schedules.reduceOnPlateau({ patience: 1, factor: 0.5, cooldown: 1, minimum: 0.2 });
    const losses: (readonly number[])[] = [];
    const schedule: optim.Schedule = (progress) => {
      losses.push([...(progress.losses ?? [])]);
      factors.push(plateau(progress));
      return 0;
    };
    const trainer = trainerOf(await plain(), optim.sgd({ learningRate: 1, schedule }));
    const [first] = await trainer.fit(points, { epochs: 5, batchSize: 20, validation: quadrants(8) });
    await trainer.fit(points, { epochs: 5, batchSize: 20, validation: quadrants(8) });
    expect(losses.map(({ length }) => length)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(losses[9]!.every((loss) => loss === first!.validation!.loss)).toBe(true);
    expect(factors).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2]);
    expect(() => trainer.trainStep(points, 0, 5)).toThrow(ArgumentError);
  });
});

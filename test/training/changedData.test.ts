import { describe, expect, it } from "vitest";
import { createEngine, data, type Dataset, losses, type Model, nn, optim, Trainer } from "../../src/index.js";
import { expectIdentical } from "../expect.js";

/** A model that puts out its one input, so that a loss tells what it was given. */
async function identity(): Promise<Model> {
  const engine = await createEngine({ seed: 1, threads: 1 });
  return nn.sequential(nn.lambda((x) => x)).build(engine, { inputShape: [1] });
}

/** Trains nothing: the loss of a step is half the square of the difference of input and target. */
function observer(model: Model): Trainer {
  return new Trainer(model, { loss: losses.halfSumOfSquares(), optimizer: optim.sgd({ learningRate: 0 }) });
}

function differences(inputs: Float32Array, targets: Float32Array): number {
  return inputs.reduce((sum, input, i) => sum + (input - targets[i]!) ** 2 / 2, 0) / inputs.length;
}

/** A linear classifier of two classes. */
async function classifier(): Promise<Trainer> {
  const engine = await createEngine({ seed: 1, threads: 1 });
  const model = nn.sequential(nn.linear({ outFeatures: 2 })).build(engine, { inputShape: [2] });
  return new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.sgd({ learningRate: 0.1 }) });
}

describe("what is written into the arrays of a data set", () => {
  const make = (): { dataset: Dataset; inputs: Float32Array; targets: Float32Array } => {
    const inputs = Float32Array.from({ length: 8 }, (_, i) => i);
    const targets = new Float32Array(8);
    return { dataset: data.dataset({ inputs, inputShape: [1], targets }), inputs, targets };
  };

  it("is seen by the next epoch of a fit, whether the loop or the program around it writes", async () => {
    const { dataset, inputs, targets } = make();
    const trainer = observer(await identity());
    const expected: number[] = [];
    const found: number[] = [];
    expected.push(differences(inputs, targets));
    for await (const { loss } of trainer.fit(dataset, { epochs: 4, batchSize: 4 })) {
      found.push(loss);
      inputs[found.length] = 10 * found.length;
      targets.fill(found.length, 5);
      expected.push(differences(inputs, targets));
    }
    expectIdentical(found, expected.slice(0, 4));
    const [report] = await trainer.fit(dataset, { batchSize: 4 });
    expect(report!.loss).toBe(expected[4]);
  });

  it("before the first step is seen by it, though fit was called before", async () => {
    const { dataset, inputs, targets } = make();
    const run = observer(await identity()).fit(dataset, { batchSize: 8 });
    inputs.fill(3);
    expect((await run)[0]!.loss).toBe(differences(inputs, targets));
  });

  it("is not seen in the midst of an epoch", async () => {
    const { dataset, inputs, targets } = make();
    const before = differences(inputs, targets);
    const onStep = (): void => void inputs.fill(100);
    const run = observer(await identity()).fit(dataset, { epochs: 2, batchSize: 2, onStep });
    expect((await run).map(({ loss }) => loss)).toEqual([before, 5000]);
  });

  it("is seen by every evaluation, and by the validation of a fit", async () => {
    const { dataset, inputs, targets } = make();
    const trainer = observer(await identity());
    for (let i = 0; i < 3; i++) {
      inputs[i] = 20;
      targets[7 - i] = -3;
      expect((await trainer.evaluate(dataset, { batchSize: 3 })).loss).toBeCloseTo(differences(inputs, targets), 4);
    }
    const found: (number | undefined)[] = [];
    for await (const { validation } of trainer.fit(make().dataset, { epochs: 3, validation: dataset })) {
      found.push(validation?.loss);
      inputs.fill(found.length);
      targets.fill(0);
    }
    expect(found.slice(1)).toEqual([0.5, 2]);
  });

  it("is seen by every step of one's own, also after a fit that shuffled", async () => {
    const { dataset, inputs, targets } = make();
    const trainer = observer(await identity());
    for (const round of [1, 2, 3]) {
      for (let first = 0; first < 8; first += 3) {
        const count = Math.min(3, 8 - first);
        inputs.fill(10 * round + first, first, first + count);
        targets.fill(round, first, first + count);
        const { loss } = trainer.trainStep(dataset, first, count);
        expect(loss).toBe((9 * round + first) ** 2 / 2);
      }
      await trainer.fit(dataset);
    }
  });

  it("is seen by predictions, slices, sets around the same arrays, and other trainers on the same set", async () => {
    const { dataset, inputs, targets } = make();
    const model = await identity();
    const [first, second] = [observer(model), observer(model)];
    const last = data.slice(dataset, 4);
    for (const trainer of [first, second]) await trainer.fit(dataset, { validation: last });
    inputs.fill(7, 6);
    targets.fill(1, 6);
    expectIdentical(model.predict(dataset.inputs), inputs);
    expectIdentical(model.predict(last.inputs), inputs.subarray(4));
    for (const trainer of [first, second]) {
      expect((await trainer.fit(dataset))[0]!.loss).toBeCloseTo(differences(inputs, targets), 4);
      const evaluation = await trainer.evaluate(last);
      expect(evaluation.loss).toBeCloseTo(differences(inputs.subarray(4), targets.subarray(4)), 4);
    }
  });

  it("is seen in bytes too, and in what dataset converted, under its own name", async () => {
    const model = await identity();
    const trainer = observer(model);
    for (const inputs of [Uint8Array.of(0, 255), Uint8ClampedArray.of(0, 255), Buffer.from([0, 255])]) {
      const dataset = data.dataset({ inputs, inputShape: [1], targets: Float32Array.of(0, 0) });
      expect((await trainer.evaluate(dataset)).loss).toBe(0.25);
      inputs[0] = 255;
      expect((await trainer.evaluate(dataset)).loss).toBe(0.5);
      expectIdentical(model.predict(dataset.inputs), [1, 1]);
    }
    const converted = data.dataset({ inputs: [1, 1], inputShape: [1], targets: [[0], [0]] });
    expect((await trainer.evaluate(converted)).loss).toBe(0.5);
    converted.inputs.fill(2);
    converted.targets.fill(1);
    expect((await trainer.evaluate(converted)).loss).toBe(0.5);
    converted.targets.fill(0);
    expect((await trainer.evaluate(converted)).loss).toBe(2);
  });

  it("is checked: a label that is no class ends the run, and no step was done on it", async () => {
    for (const targets of [Uint8Array.of(0, 1, 1, 0), Int32Array.of(0, 1, 1, 0)]) {
      const trainer = await classifier();
      const dataset = data.dataset({ inputs: new Float32Array(8), inputShape: [2], targets, classes: 2 });
      const message = "sample 2 of the data set has label 200; the model's 2 outputs are labels 0 … 1";
      const fit = async (): Promise<void> => {
        for await (const { epoch } of trainer.fit(dataset, { epochs: 3, batchSize: 2 }))
          if (epoch === 2) targets[2] = 200;
      };
      await expect(fit()).rejects.toThrow(message);
      expect(trainer.step).toBe(4);
      await expect(trainer.evaluate(dataset)).rejects.toThrow(message);
      expect(() => trainer.trainStep(dataset, 1, 2)).toThrow(message);
      expect(() => trainer.trainingProgram(dataset, 2)).toThrow(message);
      // A step reads the samples that it uses, and no others.
      expect(trainer.trainStep(dataset, 0, 2).loss).toBeGreaterThan(0);
      const validated = trainer.fit(data.slice(dataset, 0, 2), { validation: dataset });
      await expect(validated).rejects.toThrow("sample 2 of the validation set has label 200");
      targets[2] = 1;
      expect((await trainer.fit(dataset, { batchSize: 2 })).length).toBe(1);
    }
  });

  it("leaves what was read as it was if it is refused: an evaluation does not spoil a fit that is under way", async () => {
    const targets = Uint8Array.of(0, 1, 1, 0);
    const dataset = data.dataset({ inputs: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), inputShape: [2], targets });
    const losses: number[][] = [];
    for (const isDisturbed of [false, true]) {
      const trainer = await classifier();
      const seen: number[] = [];
      const failures: unknown[] = [];
      const onStep = ({ loss }: { loss: number }): void => {
        seen.push(loss);
        if (!isDisturbed || seen.length !== 1) return;
        targets[3] = 9;
        trainer.evaluate(dataset).catch((error: unknown) => failures.push(error));
        targets[3] = 0;
      };
      await trainer.fit(dataset, { batchSize: 1, shuffle: false, onStep });
      expect(failures.length).toBe(Number(isDisturbed));
      losses.push(seen);
    }
    expectIdentical(losses[1]!, losses[0]!);
  });
});

describe("a data set whose parts are replaced", () => {
  it("is taken for what it is when a call begins, and refused in the midst of a fit", async () => {
    const changing = {
      length: 2,
      inputs: Float32Array.of(1, 2),
      inputShape: [1],
      targets: new Float32Array(2),
      targetShape: [],
    };
    const trainer = observer(await identity());
    expect((await trainer.evaluate(changing)).loss).toBe(1.25);
    Object.assign(changing, { length: 3, inputs: Float32Array.of(1, 1, 2), targets: new Float32Array(3) });
    expect((await trainer.evaluate(changing)).loss).toBe(1);
    expect(trainer.trainStep(changing, 2, 1).loss).toBe(2);
    Object.assign(changing, { inputs: Uint8Array.of(255, 255, 255) });
    expect((await trainer.fit(changing))[0]!.loss).toBe(0.5);
    expect(trainer.trainStep(changing, 2, 1).loss).toBe(0.5);
    const fit = async (): Promise<void> => {
      for await (const { epoch } of trainer.fit(changing, { epochs: 2 })) {
        expect(epoch).toBe(1);
        Object.assign(changing, { length: 1, inputs: new Uint8Array(1), targets: new Float32Array(1) });
      }
    };
    await expect(fit()).rejects.toThrow("the data set has changed its length, types or shapes during fit");
    expect((await trainer.fit(changing))[0]!.loss).toBe(0);
  });
});

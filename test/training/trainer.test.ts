import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  createEngine,
  data,
  type Dataset,
  type EpochReport,
  losses,
  type Model,
  nn,
  optim,
  ShapeError,
  Trainer,
} from "../../src/index.js";
import { expectIdentical } from "../expect.js";
import { randomFloats } from "../random.js";
import { perceptron, quadrants } from "./quadrants.js";

async function train(model: Model, dataset: Dataset, epochs: number): Promise<EpochReport[]> {
  const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.adam({ learningRate: 0.02 }) });
  const reports: EpochReport[] = [];
  for await (const epoch of trainer.fit(dataset, { epochs, batchSize: 32, validation: dataset })) reports.push(epoch);
  return reports;
}

describe("Trainer", () => {
  it("learns the quadrants of the plane to 95 %", async () => {
    const reports = await train(await perceptron(), quadrants(500), 30);
    expect(reports.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    const last = reports[29]!;
    expect(last.validation?.accuracy).toBeGreaterThan(0.95);
    expect(last.loss).toBeLessThan(reports[0]!.loss / 3);
    expect(last.samplesPerSecond).toBeGreaterThan(0);
  });

  it("waits at the gate before every step, without counting the time, and ends with its rejection", async () => {
    const trainer = new Trainer(await perceptron(), {
      loss: losses.crossEntropy(),
      optimizer: optim.adam({ learningRate: 0.02 }),
    });
    const dataset = quadrants(100);
    const passed: number[] = [];
    const gate = async (): Promise<void> => {
      passed.push(trainer.step);
      if (passed.length === 2) await new Promise((resolve) => setTimeout(resolve, 300));
      if (passed.length === 9) throw new RangeError("no further");
    };
    const reports: EpochReport[] = [];
    const fit = async (): Promise<void> => {
      for await (const report of trainer.fit(dataset, { epochs: 3, batchSize: 25, gate })) reports.push(report);
    };
    await expect(fit()).rejects.toThrow(RangeError);
    expect(passed).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(trainer.step).toBe(8);
    expect(reports).toHaveLength(2);
    expect(reports[0]!.seconds).toBeLessThan(0.25);
  });

  it("gives the same bits twice from the same seed, and others from another", async () => {
    const states = [];
    for (const seed of [1, 1, 2]) {
      const model = await perceptron(seed);
      await train(model, quadrants(100), 5);
      states.push([...model.state().values()].flatMap(({ data }) => [...data]));
    }
    expectIdentical(states[1]!, states[0]!);
    expect(states[2]).not.toEqual(states[0]);
  });

  it("visits every sample once an epoch, the last partial batch included, in an order that changes", async () => {
    const engine = await createEngine();
    const samples = 23;
    const seen: number[] = [];
    const { ops } = await import("../../src/index.js");
    const model = nn
      .sequential(
        nn.lambda((x) =>
          ops.custom([x], {
            name: "look",
            shape: x.shape,
            forward: ([values], y) => {
              y.set(values!);
              seen.push(...values!);
            },
          }),
        ),
      )
      .build(engine, { inputShape: [1] });
    const inputs = Float32Array.from({ length: samples }, (_, i) => i);
    const dataset = data.dataset({ inputs, inputShape: [1], targets: inputs, targetShape: [1] });
    const trainer = new Trainer(model, { loss: losses.meanSquaredError(), optimizer: optim.sgd({ learningRate: 0 }) });
    const epochs: number[][] = [];
    for await (const { loss } of trainer.fit(dataset, { epochs: 3, batchSize: 10 })) {
      expect(loss).toBe(0);
      epochs.push(seen.splice(0));
    }
    for (const epoch of epochs) expect(epoch.toSorted((a, b) => a - b)).toEqual([...inputs]);
    expect(epochs[1]).not.toEqual(epochs[0]);
    expect(epochs[0]).not.toEqual([...inputs]);
  });

  it("evaluates in evaluation mode: the loss is that of the model's predictions", async () => {
    const model = await perceptron();
    const dataset = quadrants(77);
    await train(model, dataset, 1);
    const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.sgd({ learningRate: 1 }) });
    const logits = model.predict(dataset.inputs);
    let loss = 0;
    let correct = 0;
    dataset.targets.forEach((label, i) => {
      const row = Array.from(logits.subarray(4 * i, 4 * i + 4));
      loss += Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0)) - row[label]!;
      correct += Number(row.indexOf(Math.max(...row)) === label);
    });
    for (const batchSize of [1, 10, 77, 100]) {
      const result = await trainer.evaluate(dataset, { batchSize });
      expect(Math.abs(result.loss - loss / 77)).toBeLessThan(1e-5);
      expect(result.accuracy).toBe(correct / 77);
    }
  });

  it("regresses: half the sum of squares of a linear model finds its coefficients", async () => {
    const engine = await createEngine();
    const model = nn.sequential(nn.linear({ outFeatures: 1 })).build(engine, { inputShape: [2] });
    const inputs = randomFloats(400, 4);
    const targets = Float32Array.from({ length: 200 }, (_, i) => 3 * inputs[2 * i]! - 2 * inputs[2 * i + 1]! + 0.5);
    const dataset = data.dataset({ inputs, inputShape: [2], targets, targetShape: [1] });
    const trainer = new Trainer(model, {
      loss: losses.halfSumOfSquares(),
      optimizer: optim.sgd({ learningRate: 0.3 }),
    });
    let last: EpochReport | undefined;
    for await (const epoch of trainer.fit(dataset, { epochs: 60, batchSize: 20 })) last = epoch;
    expect(last?.loss).toBeLessThan(1e-8);
    expect(last?.accuracy).toBeUndefined();
    const [weight, bias] = [...model.state().values()];
    for (const [got, want] of [
      [weight!.data[0], 3],
      [weight!.data[1], -2],
      [bias!.data[0], 0.5],
    ]) {
      expect(Math.abs(got! - want!)).toBeLessThan(1e-3);
    }
  });

  it("says in English where each record of a step comes from", async () => {
    const engine = await createEngine();
    const model = nn
      .sequential(
        nn.conv2d({ outChannels: 2, kernelSize: 3 }),
        nn.batchNorm(),
        nn.relu(),
        nn.maxPool2d({ kernelSize: 2 }),
        nn.flatten(),
        nn.residual(nn.linear({ outFeatures: 8 }), nn.tanh()),
        nn.dropout(),
      )
      .build(engine, { inputShape: [6, 6, 1] });
    const dataset = data.dataset({ inputs: new Uint8Array(144), inputShape: [6, 6, 1], targets: new Uint8Array(4) });
    const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.adam({ learningRate: 1 }) });
    const sources = trainer.trainingProgram(dataset, 4).linked.calls.map(({ source }) => source);
    const place = String.raw`(\w+ in )?(layer \d(\.\d)* \(\w+\)|the loss)`;
    const pattern = new RegExp(`^(the batch|the update|(the backward pass of )?${place}( \\+ ${place})*)$`);
    expect(sources.filter((source) => !pattern.test(source))).toEqual([]);
    expect(sources.join()).toContain("add in layer 5 (residual)");
    expect(sources).toContain("the backward pass of layer 5.0 (linear)");
    expect(sources).toContain("softmaxCrossEntropy in the loss");
  });

  it("lets timers run while it trains, however short the epochs are", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const trainer = new Trainer(await perceptron(), {
      loss: losses.crossEntropy(),
      optimizer: optim.sgd({ learningRate: 0.1 }),
    });
    const end = performance.now() + 300;
    for await (const { loss } of trainer.fit(quadrants(64), { epochs: 1e9, batchSize: 32 })) {
      if (!(loss > 0 && performance.now() < end)) break;
    }
    clearInterval(timer);
    // A breath every 30 ms makes ten; half of them allow for a busy machine.
    expect(ticks).toBeGreaterThanOrEqual(5);
  });

  it("stops where the caller leaves the loop, and goes on from there", async () => {
    const model = await perceptron();
    const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.adam({ learningRate: 0.01 }) });
    for await (const { epoch } of trainer.fit(quadrants(64), { epochs: 10, batchSize: 32 })) if (epoch === 2) break;
    expect(trainer.step).toBe(4);
    for await (const { epoch } of trainer.fit(quadrants(64), { epochs: 1, batchSize: 32 })) expect(epoch).toBe(1);
    expect(trainer.step).toBe(6);
  });

  it("rejects data that does not fit the model or the loss, saying what was found and wanted", async () => {
    const model = await perceptron();
    const optimizer = optim.sgd({ learningRate: 1 });
    const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer });
    const inputs = new Float32Array(6);
    const first = (dataset: Dataset): Promise<unknown> => trainer.fit(dataset);
    const label = data.dataset({ inputs, inputShape: [2], targets: Uint8Array.of(0, 4, 1) });
    await expect(first(label)).rejects.toThrow(ArgumentError);
    await expect(first(label)).rejects.toThrow(/sample 1 of the data set has label 4.*0 … 3/);
    const shape = data.dataset({ inputs, inputShape: [3], targets: Uint8Array.of(0, 1) });
    await expect(first(shape)).rejects.toThrow(ShapeError);
    await expect(first(shape)).rejects.toThrow(/\[3\].*\[2\]/);
    const floats = data.dataset({ inputs, inputShape: [2], targets: new Float32Array(3), targetShape: [1] });
    await expect(first(floats)).rejects.toThrow(/class labels/);
    const regression = new Trainer(model, { loss: losses.meanSquaredError(), optimizer });
    await expect(regression.fit(floats)).rejects.toThrow(
      /puts out \[4\] per sample; the data set has targets of shape \[1\] per sample/,
    );
    await expect(trainer.fit(quadrants(4), { batchSize: 0 })).rejects.toThrow(/batchSize/);
    await expect(trainer.fit(quadrants(4), { epochs: -1 })).rejects.toThrow(/epochs/);
  });

  it.each([
    ["learningRate", () => optim.sgd({ learningRate: NaN })],
    ["learningRate", () => optim.adam({ learningRate: -1 })],
    ["learningRate", () => optim.adagrad({ learningRate: Infinity })],
    ["momentum", () => optim.sgd({ learningRate: 1, momentum: -0.1 })],
    ["nesterov", () => optim.sgd({ learningRate: 1, nesterov: true })],
    ["beta1", () => optim.adam({ learningRate: 1, beta1: 1 })],
    ["beta2", () => optim.adam({ learningRate: 1, beta2: NaN })],
    ["weightDecay", () => optim.adam({ learningRate: 1, weightDecay: -1 })],
  ])("rejects a bad %s, naming it", (name, make) => {
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(name);
  });

  it("rejects a schedule that gives NaN at the step where it does", async () => {
    const optimizer = optim.sgd({ learningRate: 1, schedule: ({ step }) => (step === 2 ? NaN : 1) });
    const trainer = new Trainer(await perceptron(), { loss: losses.crossEntropy(), optimizer });
    await expect(trainer.fit(quadrants(4), { batchSize: 2 })).rejects.toThrow(/scheduled learning rate.*NaN/);
  });
});

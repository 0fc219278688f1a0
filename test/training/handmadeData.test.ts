import { describe, expect, it } from "vitest";
import { ArgumentError, createEngine, data, type Dataset, losses, nn, ops, optim, Trainer } from "../../src/index.js";
import { detached, inOtherRealm, outOfBounds } from "../arrays.js";
import { expectIdentical } from "../expect.js";

const engine = await createEngine({ seed: 1, threads: 1 });

function trainerOf(loss: losses.Loss, outFeatures: number): Trainer {
  const model = nn.sequential(nn.linear({ outFeatures })).build(engine, { inputShape: [1] });
  return new Trainer(model, { loss, optimizer: optim.sgd({ learningRate: 0.1 }), seed: 1 });
}

const initialState = trainerOf(losses.meanSquaredError(), 1).model.state();

const values = {
  length: 3,
  inputs: Float32Array.of(1, 2, 3),
  inputShape: [1],
  targets: Float32Array.of(0, 1, 2),
  targetShape: [1],
};
const labels = { ...values, targets: Uint8Array.of(0, 1, 1), targetShape: [] };

/** An object whose property says something else each time it is asked. */
function wavering(set: Dataset, property: keyof Dataset, ...answers: unknown[]): Dataset {
  let asked = 0;
  return Object.defineProperty({ ...set }, property, { get: () => answers[Math.min(asked++, answers.length - 1)] });
}

/** Every call that reads a data set. */
const calls: Record<string, (trainer: Trainer, set: Dataset) => unknown> = {
  fit: (trainer, set) => trainer.fit(set, { batchSize: 2 }),
  "fit's validation": (trainer, set) => {
    const other = trainer.model.outputShape[0] === 1 ? values : labels;
    return trainer.fit(other, { validation: set });
  },
  evaluate: (trainer, set) => trainer.evaluate(set),
  trainStep: (trainer, set) => trainer.trainStep(set, 0, 1),
  trainingProgram: (trainer, set) => trainer.trainingProgram(set, 1),
};

describe.each(Object.entries(calls))("%s", (_, call) => {
  const refusals: readonly (readonly [string, unknown, string | RegExp])[] = [
    ["nothing", null, "must be a data set, got null"],
    ["an array", [1, 2], "must be a data set, got an array of 2"],
    ["inputs alone", { inputs: values.inputs }, "inputShape must be an array of lengths"],
    ["more samples than it holds", { ...values, length: 1000 }, "inputs must hold 1000 values for 1000 samples"],
    ["fewer samples than it holds", { ...values, length: 2 }, "inputs must hold 2 values for 2 samples"],
    ["no samples", { ...values, length: 0 }, /inputs must hold 0 values|must hold at least one sample/],
    ["an empty set", { ...values, length: 0, inputs: new Float32Array(), targets: new Float32Array() }, "at least one"],
    ["a fraction of a sample", { ...values, length: 2.5 }, "length must be an integer"],
    ["a length of NaN", { ...values, length: NaN }, "length must be an integer"],
    ["an infinite length", { ...values, length: Infinity }, "length must be an integer"],
    ["a length of text", { ...values, length: "3" }, "length must be an integer"],
    ["fewer targets than samples", { ...values, targets: new Float32Array(2) }, "targets must hold 3 values"],
    ["more targets than samples", { ...values, targets: new Float32Array(4) }, "targets must hold 3 values"],
    ["targets of another shape", { ...values, targetShape: [1000] }, "targets must hold 3000 values"],
    ["a shape that is negative", { ...values, targetShape: [-1] }, "targetShape[0] must be an integer of at least 1"],
    ["a shape of fractions", { ...values, inputShape: [0.5], length: 6 }, "inputShape[0] must be an integer"],
    ["a shape without end", { ...values, inputShape: [Infinity] }, "inputShape[0] must be an integer"],
    ["a shape that is text", { ...values, inputShape: "1" }, "inputShape must be an array of lengths"],
    [
      "no inputs",
      { ...values, inputs: undefined },
      "inputs of a data set must be a Uint8Array or Int32Array or Float32Array",
    ],
    ["inputs of another type", { ...values, inputs: new Float64Array(3) }, "data.dataset converts other numbers"],
    [
      "inputs in a plain array",
      { ...values, inputs: [1, 2, 3] },
      "must be a Uint8Array or Int32Array or Float32Array, got an array",
    ],
    [
      "what only looks like an array",
      { ...values, inputs: { length: 3, buffer: {} } },
      "got an object of class Object",
    ],
    [
      "targets of another type",
      { ...values, targets: new Int16Array(3) },
      "targets of a data set must be a Uint8Array",
    ],
    ["inputs that are bigints", { ...values, inputs: new BigInt64Array(3) }, "must hold numbers, got bigints"],
    ["a detached array of inputs", { ...values, inputs: detached(new Float32Array(3)) }, "must still have its memory"],
    [
      "a detached array of targets",
      { ...values, targets: detached(new Float32Array(3)) },
      "must still have its memory",
    ],
    ["an array that its buffer no longer holds", { ...values, inputs: outOfBounds() }, "must still have its memory"],
    [
      "an array that says that it is longer",
      { ...values, length: 9, inputs: lying(9), targets: lying(9) },
      "must hold 9",
    ],
    ["a length that grows", wavering(values, "length", 3, 1000), ""],
    ["inputs that shrink", wavering(values, "inputs", values.inputs, new Float32Array(1)), ""],
    ["targets that shrink", wavering(values, "targets", values.targets, new Float32Array(1)), ""],
    ["a shape that grows", wavering(values, "targetShape", [1], [1000]), ""],
  ];

  it.each(refusals.filter(([, , message]) => message !== ""))("refuses %s", async (__, set, message) => {
    const trainer = trainerOf(losses.meanSquaredError(), 1);
    const before = trainer.model.state();
    const attempt = attempted(() => call(trainer, set as Dataset));
    await expect(attempt).rejects.toThrow(ArgumentError);
    await expect(attempt).rejects.toThrow(message);
    expect(trainer.model.state()).toEqual(before);
    expect(trainer.step).toBe(0);
  });

  it.each(refusals.filter(([, , message]) => message === ""))("sees one set, or refuses, of %s", async (__, set) => {
    const results: unknown[] = [];
    for (const given of [values, set as Dataset]) {
      const trainer = trainerOf(losses.meanSquaredError(), 1);
      trainer.model.loadState(initialState);
      const outcome = await attempted(() => call(trainer, given)).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ArgumentError);
      else results.push(trainer.model.state());
    }
    for (const result of results) expect(result).toEqual(results[0]);
  });

  it.each([
    ["negative", Int32Array.of(-1, 0, 0)],
    ["that is no class", Uint8Array.of(2, 0, 0)],
    ["far beyond", Int32Array.of(2 ** 31 - 1, 0, 0)],
  ])("refuses a label %s", async (__, targets) => {
    const trainer = trainerOf(losses.crossEntropy(), 2);
    const attempt = attempted(() => call(trainer, { ...labels, targets }));
    await expect(attempt).rejects.toThrow(ArgumentError);
    await expect(attempt).rejects.toThrow(/sample 0 of the (data|validation) set has label/);
  });

  it("refuses a label that is none of the set's own classes", async () => {
    const trainer = trainerOf(losses.crossEntropy(), 3);
    const attempt = attempted(() => call(trainer, { ...labels, targets: Uint8Array.of(2, 1, 1), classes: 2 }));
    await expect(attempt).rejects.toThrow("label 2; its 2 classes are labels 0 … 1");
  });
});

/** A Float32Array of three numbers that claims to have more. */
function lying(length: number): Float32Array {
  return Object.defineProperties(new Float32Array(3), { length: { value: length }, byteLength: { value: 4 * length } });
}

async function attempted(call: () => unknown): Promise<unknown> {
  return Promise.resolve().then(call);
}

describe("a data set that was made by hand", () => {
  it("trains as the same from data.dataset does, in whatever arrays of its types", async () => {
    const made = data.dataset({ inputs: values.inputs, inputShape: [1], targets: values.targets, targetShape: [1] });
    const foreign = {
      ...values,
      inputs: inOtherRealm(() => Float32Array.of(1, 2, 3)),
      targets: inOtherRealm(() => Float32Array.of(0, 1, 2)),
    };
    const results: number[][] = [];
    for (const set of [made, values, foreign]) {
      const trainer = trainerOf(losses.meanSquaredError(), 1);
      trainer.model.loadState(initialState);
      await trainer.fit(set, { epochs: 3, batchSize: 2 });
      results.push([...trainer.model.state().values()].flatMap(({ data: numbers }) => [...numbers]));
    }
    expectIdentical(results[1]!, results[0]!);
    expectIdentical(results[2]!, results[0]!);
  });

  it("takes bytes in a Node Buffer and in shared memory", async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(3));
    shared.set([255, 0, 255]);
    for (const inputs of [Buffer.from([255, 0, 255]), shared]) {
      const trainer = trainerOf(losses.crossEntropy(), 2);
      const { loss } = await trainer.evaluate({ ...labels, inputs });
      expect(loss).toBeGreaterThan(0);
    }
  });
});

describe("the program of a training step", () => {
  it("takes the first samples, whatever steps and evaluations came between", async () => {
    const seen: number[] = [];
    const look = nn.lambda((x) =>
      ops.custom([x], {
        name: "look",
        shape: x.shape,
        forward: ([given], y) => {
          y.set(given!);
          seen.push(...given!);
        },
      }),
    );
    const model = nn.sequential(look).build(engine, { inputShape: [1] });
    const trainer = new Trainer(model, { loss: losses.meanSquaredError(), optimizer: optim.sgd({ learningRate: 0 }) });
    const inputs = Float32Array.from({ length: 64 }, (_, i) => i);
    const set = data.dataset({ inputs, inputShape: [1], targets: inputs });
    const program = trainer.trainingProgram(set, 48);
    trainer.trainStep(set, 63, 1);
    await trainer.evaluate(set, { batchSize: 10 });
    await trainer.fit(set, { batchSize: 30 });
    seen.length = 0;
    program.run();
    expect(seen).toEqual([...inputs.subarray(0, 48)]);
  });

  it("is refused for more samples than there are", () => {
    const trainer = trainerOf(losses.meanSquaredError(), 1);
    for (const samples of [0, 4, 1.5, NaN]) {
      expect(() => trainer.trainingProgram(values, samples)).toThrow(ArgumentError);
      expect(() => trainer.trainStep(values, 0, samples)).toThrow(ArgumentError);
    }
    expect(() => trainer.trainStep(values, 2, 2)).toThrow(ArgumentError);
    expect(() => trainer.trainStep(values, -1, 1)).toThrow(ArgumentError);
  });
});

import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  createEngine,
  data,
  type Dataset,
  losses,
  type Model,
  nn,
  ops,
  optim,
  ShapeError,
  Trainer,
} from "../../src/index.js";
import { expectIdentical } from "../expect.js";
import { randomFloats } from "../random.js";
import { numbersOf } from "./quadrants.js";

const engine = await createEngine({ threads: 1, seed: 4 });
const optimizer = optim.sgd({ learningRate: 0.2 });
const samples = 12;
const steps = 4;
const classes = 3;

/** Scores of three classes for each of four steps, or one. */
function model(perStep = true): Model {
  const outFeatures = perStep ? classes * steps : classes;
  const shape = perStep ? [steps, classes] : [classes];
  const reshape = nn.lambda((x) => ops.reshape(x, [x.shape[0]!, ...shape]));
  const made = nn.sequential(nn.linear({ outFeatures }), reshape).build(engine, { inputShape: [5] });
  const { weight, bias } = { weight: randomFloats(5 * outFeatures, 3), bias: new Float32Array(outFeatures) };
  const names = [...made.state().keys()];
  made.loadState(
    new Map([
      [names[0]!, { shape: [5, outFeatures], data: weight }],
      [names[1]!, { shape: [outFeatures], data: bias }],
    ]),
  );
  return made;
}

const inputs = { inputs: randomFloats(5 * samples, 9), inputShape: [5] };
const labels = Int32Array.from({ length: samples * steps }, (_, i) => (i * 5) % classes);

/** The model after a step of training, the loss, and what an evaluation reports. */
async function trained(loss: losses.Loss | losses.LossFunction, set: Dataset, of = model()) {
  const trainer = new Trainer(of, { loss, optimizer, seed: 1 });
  const step = trainer.trainStep(set, 0, samples);
  const evaluation = await trainer.evaluate(set, { batchSize: 5 });
  return { numbers: numbersOf(of), step, evaluation };
}

describe("labels of several places a sample", () => {
  it.each([Int32Array, Uint8Array])("train as those places would one by one (%o)", async (Array) => {
    const set = data.dataset({ ...inputs, targets: Array.from(labels), targetShape: [steps] });
    const { numbers, step, evaluation } = await trained(losses.crossEntropy(), set);
    const each: losses.LossFunction = (prediction, target) => {
      const logarithms = ops.logSoftmax(prediction);
      return ops.negate(ops.sum(ops.multiply(target, logarithms), { axes: -1 }));
    };
    const oneHot = Float32Array.from({ length: labels.length * classes }, (_, i) =>
      Number(labels[Math.floor(i / classes)] === i % classes),
    );
    const hot = data.dataset({ ...inputs, targets: oneHot, targetShape: [steps, classes] });
    for (const loss of [each, losses.crossEntropy()]) {
      const other = await trained(loss, hot);
      numbers.forEach((number, i) => expect(number).toBeCloseTo(other.numbers[i]!, 5));
      expect(step.loss).toBeCloseTo(other.step.loss, 5);
      expect(evaluation.loss).toBeCloseTo(other.evaluation.loss, 5);
      expect([other.step.correct, other.evaluation.accuracy]).toEqual([undefined, undefined]);
    }
    expect(step.counted).toBe(labels.length);
    expect(evaluation.accuracy! * labels.length).toBeCloseTo(Math.round(evaluation.accuracy! * labels.length), 5);
  });

  it("that are ignored neither cost nor count", async () => {
    const some = labels.map((label, i) => (i % 3 === 1 ? -1 : label));
    const set = data.dataset({ ...inputs, targets: some, targetShape: [steps], ignoreIndex: -1 });
    const { step, evaluation } = await trained(losses.crossEntropy({ ignoreIndex: -1 }), set);
    expect(step.counted).toBe(some.filter((label) => label >= 0).length);
    expect(step.correct!).toBeLessThanOrEqual(step.counted!);
    const changed = data.dataset({
      ...{ ...inputs, targets: some.map((label, i) => (label < 0 ? i % 2 : label)), targetShape: [steps] },
      ignoreIndex: 7,
    });
    const trainer = new Trainer(model(), { loss: losses.crossEntropy({ ignoreIndex: -1 }), optimizer });
    expect(trainer.trainStep(changed, 0, samples).loss).not.toBe(step.loss);
    expect(evaluation.accuracy).toBeLessThanOrEqual(1);
    await expect(trained(losses.crossEntropy(), set)).rejects.toThrow(
      /^sample 0 of the data set has label -1; .* labels 0 … 2; give the loss ignoreIndex: -1, too$/,
    );
  });

  it("give a mean over all that count, whatever the batches", async () => {
    const some = labels.map((label, i) => (i < 22 || i % 3 === 1 ? -1 : label));
    const set = data.dataset({ ...inputs, targets: some, targetShape: [steps], ignoreIndex: -1 });
    const trainer = new Trainer(model(), { loss: losses.crossEntropy({ ignoreIndex: -1 }), optimizer });
    const whole = await trainer.evaluate(set);
    const parts = await trainer.evaluate(set, { batchSize: 5 });
    expect(parts.loss).toBeCloseTo(whole.loss, 5);
    expect(parts.accuracy).toBeCloseTo(whole.accuracy!, 10);
  });
});

describe("weights of samples", () => {
  const weights = Float32Array.from({ length: samples }, (_, i) => i % 3);
  const ofLabels = { ...inputs, targets: labels.subarray(0, samples) };
  const ofValues = { ...inputs, targets: randomFloats(samples * classes, 7), targetShape: [classes] };

  it.each<[string, losses.Loss | losses.LossFunction, Dataset, losses.LossFunction]>([
    [
      "crossEntropy",
      losses.crossEntropy(),
      data.dataset(ofLabels),
      (p, t) => ops.crossEntropy(p, t, { reduction: "none" }),
    ],
    [
      "huber",
      losses.huber({ delta: 0.5 }),
      data.dataset(ofValues),
      (p, t) => ops.huber(p, t, { delta: 0.5, reduction: "none" }),
    ],
    ["an operation", ops.smoothL1, data.dataset(ofValues), (p, t) => ops.smoothL1(p, t, { reduction: "none" })],
    [
      "losses of samples",
      (p, t) => ops.square(ops.subtract(p, t)),
      data.dataset(ofValues),
      (p, t) => ops.square(ops.subtract(p, t)),
    ],
  ])("are factors of the losses of %s, whose mean divides by all", async (_, loss, set, each) => {
    const weighted = { ...set, sampleWeights: weights };
    const { numbers, step, evaluation } = await trained(loss, weighted, model(false));
    const ones = await trained(loss, { ...set, sampleWeights: new Float32Array(samples).fill(1) }, model(false));
    const without = await trained(loss, set, model(false));
    ones.numbers.forEach((number, i) => expect(number).toBeCloseTo(without.numbers[i]!, 6));
    const own = losses.custom({
      targets: set.targetShape.length === 0 ? "classes" : "values",
      apply: (p, t) => {
        const losses = each(p, t);
        // It is tried on a smaller batch, too.
        const batch = p.shape[0]!;
        const shape = [batch, ...losses.shape.slice(1).map(() => 1)];
        const factors = p.graph.constant(shape, weights.subarray(0, batch));
        return ops.mean(ops.multiply(losses, factors));
      },
    });
    const trainer = new Trainer(model(false), { loss: own, optimizer, seed: 1 });
    expect(trainer.trainStep(set, 0, samples).loss).toBeCloseTo(step.loss, 5);
    numbersOf(trainer.model).forEach((number, i) => expect(number).toBeCloseTo(numbers[i]!, 5));
    expect(Number.isFinite(evaluation.loss)).toBe(true);
  });

  it("follow their samples through shuffled batches", async () => {
    const only = Float32Array.from({ length: samples }, (_, i) => Number(i === 7));
    const set = data.dataset({ ...ofValues, sampleWeights: only });
    const trainer = new Trainer(model(false), { loss: losses.meanSquaredError(), optimizer, seed: 3 });
    const reports: number[] = [];
    const onStep = ({ loss }: { readonly loss: number }): number => reports.push(loss);
    await trainer.fit(set, { batchSize: 5, epochs: 2, onStep: (report) => void onStep(report) });
    expect(reports.filter((loss) => loss > 0)).toHaveLength(2);
  });

  it("that a loss makes nothing of are an error that says what to write", () => {
    const set = data.dataset({ ...ofValues, sampleWeights: weights });
    const trainer = new Trainer(model(false), { loss: (p, t) => ops.mean(ops.subtract(p, t)), optimizer });
    expect(() => trainer.trainStep(set, 0, 3)).toThrow(ArgumentError);
    expect(() => trainer.trainStep(set, 0, 3)).toThrow(/makes nothing of the weights .*\{ weights \}/);
  });
});

describe("a loss of one's own", () => {
  const set = data.dataset({ ...inputs, targets: randomFloats(samples * classes, 7), targetShape: [classes] });

  it("is a function of Values, of one number or of one for each sample", async () => {
    const one = await trained((p, t) => ops.mean(ops.square(ops.subtract(p, t))), set, model(false));
    const each = await trained((p, t) => ops.square(ops.subtract(p, t)), set, model(false));
    const known = await trained(losses.meanSquaredError(), set, model(false));
    expectIdentical(Float32Array.from(each.numbers), Float32Array.from(one.numbers));
    known.numbers.forEach((number, i) => expect(number).toBeCloseTo(one.numbers[i]!, 6));
  });

  it.each<[string, () => unknown, RegExp]>([
    ["a number", () => 3, /must return a float32 value of the graph .* got 3$/],
    ["nothing", () => undefined, /got undefined$/],
    [
      "a value of another shape",
      (p?: never) => ops.transpose(p!, 0, 1),
      /must return one number, or the loss of each sample/,
    ],
  ])("that gives %s is refused when the trainer is made", (_, loss, message) => {
    const make = (): Trainer => new Trainer(model(false), { loss: loss as never, optimizer });
    expect(make).toThrow(message);
  });

  it("may take targets as the data set has them", async () => {
    const mine = losses.custom({
      name: "mine",
      targetShape: (_, given) => given,
      apply: (p, t) => ops.square(ops.subtract(ops.sum(p, { axes: 1 }), t)),
    });
    const sums = data.dataset({ ...inputs, targets: randomFloats(samples, 7) });
    expect(Number.isFinite((await trained(mine, sums, model(false))).step.loss)).toBe(true);
    expect(mine.name).toBe("mine");
  });
});

describe("tokens", () => {
  const tokens = Int32Array.from({ length: samples * steps }, (_, i) => (i * 7) % 6);
  const embedding = nn.lambda((x) => {
    const table = x.graph.constant([6, 2], randomFloats(12, 5), "a table");
    return ops.take(table, x);
  });
  const initializer: nn.Initializer = (shape) => randomFloats(shape[0]! * shape[1]!, 8);
  const scores = [
    embedding,
    nn.flatten(),
    nn.linear({ outFeatures: steps * classes, initializer, biasInitializer: nn.initializers.zeros }),
    nn.lambda((x) => ops.reshape(x, [x.shape[0]!, steps, classes])),
  ];
  const build = (): Model => nn.sequential(scores).build(engine, { inputShape: [steps], dataType: "i32" });

  it("are inputs of int32, or bytes that stand for themselves", async () => {
    const results = await Promise.all(
      [tokens, Uint8Array.from(tokens)].map(async (inputs) => {
        const set = data.dataset({ inputs, inputShape: [steps], targets: labels, targetShape: [steps] });
        return trained(losses.crossEntropy(), set, build());
      }),
    );
    expect(results[0]!.numbers).toEqual(results[1]!.numbers);
    const model = build();
    const given = [tokens, Uint8Array.from(tokens), Array.from(tokens)].map((inputs) => model.predict(inputs));
    for (const predicted of given) expect(predicted).toEqual(given[0]);
    expect(given[0]).toHaveLength(samples * steps * classes);
  });

  it("are numbers for a model of float32", () => {
    const given = [tokens.subarray(0, 45), Float32Array.from(tokens.subarray(0, 45))];
    const results = given.map((inputs) => {
      const set = data.dataset({ inputs, inputShape: [5], targets: new Uint8Array(9) });
      return new Trainer(model(false), { loss: losses.crossEntropy(), optimizer }).trainStep(set, 0, 9);
    });
    expect(results[0]).toEqual(results[1]);
  });

  it("must be whole numbers", async () => {
    expect(() => build().predict([0, 1, 2, 0.5])).toThrow(ArgumentError);
    const inputs = Float32Array.from(tokens);
    const set = data.dataset({ inputs, inputShape: [steps], targets: labels, targetShape: [steps] });
    await expect(trained(losses.crossEntropy(), set, build())).rejects.toThrow(
      /write inputs: Int32Array\.from\(inputs\)/,
    );
  });

  it("learn sequences of labels by ctc, padded with −1", async () => {
    const targets = Int32Array.from({ length: 2 * samples }, (_, i) => (i % 4 === 3 ? -1 : 1 + (i % 2)));
    const set = data.dataset({ inputs: tokens, inputShape: [steps], targets, targetShape: [2], ignoreIndex: -1 });
    const layers = nn.sequential(
      scores,
      nn.lambda((x) => ops.logSoftmax(x)),
    );
    const model = layers.build(engine, { inputShape: [steps], dataType: "i32" });
    const trainer = new Trainer(model, { loss: losses.ctc(), optimizer, seed: 1 });
    const reports = await trainer.fit(set, { epochs: 30, batchSize: 6 });
    expect(reports.at(-1)!.loss).toBeLessThan(0.9 * reports[0]!.loss);
  });
});

it("losses of other shapes than the targets are told", () => {
  const set = data.dataset({ ...inputs, targets: labels, targetShape: [steps] });
  const trainer = new Trainer(model(false), { loss: losses.crossEntropy(), optimizer });
  expect(() => trainer.trainStep(set, 0, 2)).toThrow(ShapeError);
});

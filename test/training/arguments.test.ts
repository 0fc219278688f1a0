import { describe, expect, it } from "vitest";
import { ArgumentError, createEngine, data, losses, nn, optim, Trainer, WasmgradError } from "../../src/index.js";
import { perceptron, quadrants, trainerOf } from "./quadrants.js";

const points = quadrants(20);
const loss = losses.crossEntropy();
const optimizer = optim.sgd({ learningRate: 0.1 });
const strange: readonly unknown[] = [
  undefined,
  null,
  0,
  NaN,
  "x",
  true,
  Symbol("s"),
  3n,
  [],
  {},
  () => 1,
  new Float32Array(2),
  Promise.resolve(),
];

describe("Trainer", async () => {
  const engine = await createEngine({ seed: 1, threads: 1 });
  const model = await perceptron(1, engine);
  const make = (model: unknown, options?: unknown): Trainer => new Trainer(model as never, options as never);

  it.each<[string, () => unknown, RegExp]>([
    [
      "no options",
      () => make(model),
      /^Trainer wants an object of options \(loss, optimizer, clipping, seed, onNonFinite\), got undefined/,
    ],
    [
      "a loss that was not called",
      () => make(model, { loss: losses.crossEntropy, optimizer }),
      /^loss is the function crossEntropy itself: call it, e\.g\. loss: losses\.crossEntropy\(\)/,
    ],
    [
      "an optimizer that was not called",
      () => make(model, { loss, optimizer: optim.adam }),
      /^optimizer is the function adam itself: call it/,
    ],
    [
      "the name of a loss",
      () => make(model, { loss: "mse", optimizer }),
      /^loss must be one such as losses\.crossEntropy\(\), got "mse"/,
    ],
    [
      "a loss in the place of the options",
      () => make(model, loss),
      /^Trainer takes loss and optimizer in one object: new Trainer\(model, \{ loss, optimizer \}\)/,
    ],
    [
      "no optimizer",
      () => make(model, { loss }),
      /^optimizer must be one such as optim\.adam\(\{ learningRate: 1e-3 \}\), got undefined/,
    ],
    ["loss and optimizer exchanged", () => make(model, { loss: optimizer, optimizer: loss }), /^loss must be one/],
    [
      "another spelling",
      () => make(model, { loss, optimiser: optimizer }),
      /^Trainer has no option "optimiser"; did you mean optimizer\?/,
    ],
    [
      "a model that was not built",
      () => make(nn.sequential(nn.relu()), { loss, optimizer }),
      /^a Trainer wants a built model, got an object of class Sequential; nn\.sequential\(…\)\.build/,
    ],
    [
      "a seed that is none",
      () => make(model, { loss, optimizer, seed: -1 }),
      /^seed must be an integer from 0 to 4294967295, got -1/,
    ],
    ["a seed in a string", () => make(model, { loss, optimizer, seed: "1" }), /^seed .* got "1"/],
  ])("refuses %s, drawing no random number and allocating nothing", (_, wrong, message) => {
    const { allocatedBytes } = engine.memory;
    const before = structuredClone(engine.random);
    expect(wrong).toThrow(ArgumentError);
    expect(wrong).toThrow(message);
    expect(engine.memory.allocatedBytes).toBe(allocatedBytes);
    expect(structuredClone(engine.random)).toEqual(before);
  });

  it("refuses whatever is not what it should be with an error of the library's", async () => {
    const trainer = trainerOf(model);
    for (const value of strange) {
      expect(() => make(value, { loss, optimizer })).toThrow(ArgumentError);
      if (value === undefined) continue;
      expect(() => make(model, { loss, optimizer, seed: value === 0 ? -1 : value })).toThrow(ArgumentError);
      expect(() => make(model, { loss: value, optimizer })).toThrow(ArgumentError);
      expect(() => make(model, { loss, optimizer: value })).toThrow(ArgumentError);
    }
    for (const value of strange) {
      await expect(trainer.fit(value as never)).rejects.toThrow(ArgumentError);
      await expect(trainer.evaluate(value as never)).rejects.toThrow(ArgumentError);
      expect(() => trainer.trainStep(value as never, 0, 1)).toThrow(ArgumentError);
      expect(() => trainer.trainingProgram(value as never, 1)).toThrow(ArgumentError);
      if (value !== 0) expect(() => trainer.trainStep(points, value as never, 1)).toThrow(ArgumentError);
      expect(() => trainer.trainStep(points, 0, value as never)).toThrow(ArgumentError);
      if (value === undefined || (typeof value === "object" && value?.constructor === Object)) continue;
      if (!(value instanceof Promise)) {
        await expect(trainer.fit(points, value as never)).rejects.toThrow(ArgumentError);
        await expect(trainer.evaluate(points, value as never)).rejects.toThrow(ArgumentError);
      }
      for (const name of ["epochs", "batchSize", "dropLast", "shuffle", "validation", "onStep", "gate"]) {
        if (name === "epochs" && value === 0) continue;
        if (name === "onStep" && typeof value === "function") continue;
        if (name === "gate" && typeof value === "function") continue;
        if ((name === "dropLast" || name === "shuffle") && value === true) continue;
        await expect(trainer.fit(points, { [name]: value }), name).rejects.toThrow(WasmgradError);
      }
    }
    expect(trainer.step).toBe(0);
  });

  it.each<[string, object, RegExp]>([
    [
      "batchsize",
      { batchsize: 3 },
      /^fit has no option "batchsize"; did you mean batchSize\? It has epochs, batchSize, /,
    ],
    ["validationSplit", { validationSplit: 0.2 }, /did you mean validation\?/],
    ["drop_last", { drop_last: true }, /did you mean dropLast\?/],
    ["a batch size in a string", { batchSize: "32" }, /^batchSize must be an integer of at least 1, got "32"/],
    ["no epochs", { epochs: -1 }, /^epochs must be an integer of at least 0, got -1/],
    ["the number of epochs alone", 5 as unknown as object, /^fit wants an object of options \(epochs, .*\), got 5/],
    ["something to call that is none", { onStep: "log" }, /^onStep must be a function such as .*, got "log"/],
  ])("fit refuses %s, saying what is meant", async (_, options, message) => {
    const trainer = trainerOf(model);
    await expect(trainer.fit(points, options)).rejects.toThrow(ArgumentError);
    await expect(trainer.fit(points, options)).rejects.toThrow(message);
  });

  it("fit asks to await data that is still to come, and says how data sets are made", async () => {
    const trainer = trainerOf(model);
    await expect(trainer.fit(Promise.resolve(points) as never)).rejects.toThrow(/^the data set must be .* await it$/);
    await expect(trainer.fit(points.inputs as never, points.targets as never)).rejects.toThrow(ArgumentError);
    await expect(trainer.fit(points.inputs as never)).rejects.toThrow(
      /data\.dataset\(\{ inputs, inputShape, targets \}\)/,
    );
  });

  it("takes undefined for what is not given", async () => {
    const trainer = new Trainer(model, { loss, optimizer, seed: undefined });
    const options = { validation: undefined, onStep: undefined, gate: undefined };
    expect(await trainer.fit(points, options)).toHaveLength(1);
  });

  it("counts its steps for its callers to read, not to write", () => {
    const trainer = trainerOf(model);
    trainer.trainStep(points, 0, 5);
    expect(() => ((trainer as { step: number }).step = 7)).toThrow(TypeError);
    expect(trainer.step).toBe(1);
  });
});

describe("losses and optimizers", () => {
  const makers: readonly [string, (options?: never) => unknown][] = [
    ["optim.sgd", optim.sgd as never],
    ["optim.adam", optim.adam as never],
    ["optim.adagrad", optim.adagrad as never],
  ];

  it.each(makers)("%s refuses wrong options, naming what is meant", (name, make) => {
    const call = (options?: unknown) => (): unknown => make(options as never);
    for (const value of strange) expect(call(value)).toThrow(ArgumentError);
    expect(call(0.001)).toThrow(`${name} wants an object of options (learningRate, schedule, `);
    expect(call({ lr: 0.1 })).toThrow(`${name} has no option "lr"; did you mean learningRate?`);
    expect(call({ learningRate: 0.1, weight_decay: 1 })).toThrow("did you mean weightDecay?");
    expect(call({})).toThrow(/^learningRate must be a finite number .* got undefined/);
    expect(call({ learningRate: "0.1" })).toThrow(/^learningRate must be .* got "0.1"/);
    expect(call({ learningRate: 1e39 })).toThrow(ArgumentError);
    const { cosine } = optim.schedules;
    expect(call({ learningRate: 0.1, schedule: cosine })).toThrow(
      "schedule is optim.schedules.cosine itself: call it, optim.schedules.cosine()",
    );
    expect(call({ learningRate: 0.1, schedule: "cosine" })).toThrow(
      /^schedule must be a function such as .* got "cosine"/,
    );
    expect(call({ learningRate: 0.1, schedule: undefined })()).toHaveProperty("groups");
  });

  it("refuse flags that are none", () => {
    expect(() => optim.sgd({ learningRate: 1, momentum: 0.9, nesterov: 1 as never })).toThrow(
      /^nesterov must be true or false/,
    );
    expect(() => optim.adam({ learningRate: 1, decoupled: "yes" as never })).toThrow(
      /^decoupled must be true or false/,
    );
  });

  it.each([losses.crossEntropy, losses.meanSquaredError, losses.huber, losses.ctc])("%o checks its options", (make) => {
    expect(() => make({ weight: [1] } as never)).toThrow(`losses.${make.name} has no option "weight"`);
    expect(() => make({ reduction: "median" } as never)).toThrow(
      `losses.${make.name}: reduction must be one of "mean"`,
    );
    expect(make({}).name).toBe(make.name);
  });

  it("data sets without targets of their own are refused where they are used", async () => {
    const trainer = trainerOf(await perceptron());
    const set = data.dataset({ inputs: new Float32Array(4), inputShape: [2], targets: Uint8Array.of(0, 9) });
    await expect(trainer.evaluate(set)).rejects.toThrow(/^sample 1 of the data set has label 9; the model's 4 outputs/);
  });
});

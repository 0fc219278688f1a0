import { describe, expect, it } from "vitest";
import * as safetensors from "../../src/formats/safetensors.js";
import { createEngine, type Engine, Graph, nn, ops, Program, StateError, type Trainer } from "../../src/index.js";
import { expectIdentical } from "../expect.js";
import { randomFloats } from "../random.js";
import { buildModel, inputShape, inputSize, samples, trainerOf } from "./parts.js";

/** A model in use: it predicts, trainers train it, and a program was compiled from it. */
async function inUse(engine: Engine) {
  const model = buildModel(engine);
  const inputs = randomFloats(40 * inputSize);
  for (const batchSize of [1, 7, 40]) model.predict(inputs, { batchSize });
  const dataset = samples();
  const [trainer, other] = [trainerOf(model), trainerOf(model)] as const;
  for await (const { loss } of trainer.fit(dataset, { batchSize: 7, validation: samples(9) })) {
    expect(loss).toBeGreaterThan(0);
  }
  other.trainStep(dataset, 0, 5);
  const graph = new Graph();
  const x = graph.input([3, ...inputShape], "x");
  const y = model.trace(graph, x, false);
  const program = new Program(engine, graph, { outputs: [y] });
  program.write(x, inputs.subarray(0, 3 * inputSize));
  program.run();
  return { engine, model, inputs, dataset, trainer, other, graph, x, y, program };
}
type InUse = Awaited<ReturnType<typeof inUse>>;

/** Every use of a model, of a trainer, of a program. */
const uses: Readonly<Record<"model" | "trainer" | "program", Readonly<Record<string, (all: InUse) => unknown>>>> = {
  model: {
    predict: ({ model, inputs }) => model.predict(inputs),
    "predict of nothing": ({ model }) => model.predict(new Float32Array(0)),
    state: ({ model }) => model.state(),
    loadState: ({ model }) => model.loadState(new Map()),
    toBytes: ({ model }) => safetensors.toBytes(model),
    save: ({ model }) => safetensors.save(model, "/nowhere/to/be/found"),
    load: ({ model }) => safetensors.load(model, "/nowhere/to/be/found"),
    trace: ({ model }) => {
      const graph = new Graph();
      return model.trace(graph, graph.input([1, ...inputShape], "x"), false);
    },
    "a new trainer": ({ model }) => trainerOf(model),
    "a program of its graph": ({ engine, graph, y }) => new Program(engine, graph, { outputs: [y] }),
  },
  trainer: {
    trainStep: ({ trainer, dataset }) => trainer.trainStep(dataset, 0, 7),
    "trainStep on new data": ({ trainer }) => trainer.trainStep(samples(), 0, 7),
    fit: async ({ trainer, dataset }) => {
      for await (const report of trainer.fit(dataset)) expect(report).toBeUndefined();
    },
    evaluate: ({ trainer, dataset }) => trainer.evaluate(dataset),
    trainingProgram: ({ trainer, dataset }) => trainer.trainingProgram(dataset, 7),
  },
  program: {
    run: ({ program }) => program.run(),
    "the engine's run": ({ engine, program }) => engine.run(program.linked),
    write: ({ program, x, inputs }) => program.write(x, inputs.subarray(0, 3 * inputSize)),
    read: ({ program, y }) => program.read(y),
    "read of an input": ({ program, x }) => program.read(x),
    readScalar: ({ program, y }) => program.readScalar(y),
    bufferOf: ({ program, y }) => program.bufferOf(y),
    "its scalars": ({ program }) => program.scalars.set("learningRate", 1),
  },
};

const refusals = (kind: keyof typeof uses): [string, (all: InUse) => unknown][] => Object.entries(uses[kind]);

async function expectRefused(use: (all: InUse) => unknown, all: InUse, message: RegExp): Promise<void> {
  const refused = expect(Promise.resolve(all).then(use)).rejects;
  await refused.toThrow(StateError);
  await refused.toThrow(message);
}

describe("dispose", () => {
  it("gives back all that a model holds, with its trainers, data sets and programs, at once", async () => {
    const engine = await createEngine({ threads: 1, seed: 1 });
    const before = engine.memory.allocatedBytes;
    const { model } = await inUse(engine);
    expect(engine.memory.allocatedBytes).toBeGreaterThan(before + 20_000);
    model.dispose();
    expect(engine.memory.allocatedBytes).toBe(before);
  });

  it("gives back each part for itself, in any order, however often it is called", async () => {
    const engine = await createEngine({ threads: 1, seed: 1 });
    const before = engine.memory.allocatedBytes;
    for (let order = 0; order < 24; order++) {
      const { model, trainer, other, program } = await inUse(engine);
      const parts = [model, trainer, other, program];
      for (let rest = order; parts.length > 0; rest = Math.floor(rest / (parts.length + 1))) {
        const [part] = parts.splice(rest % parts.length, 1);
        const held = engine.memory.allocatedBytes;
        part!.dispose();
        part!.dispose();
        expect(engine.memory.allocatedBytes).toBeLessThanOrEqual(held);
      }
      expect(engine.memory.allocatedBytes).toBe(before);
    }
  });

  it("of a trainer leaves the model as it is, of a program leaves both", async () => {
    const all = await inUse(await createEngine({ threads: 1, seed: 1 }));
    const { model, trainer, other, program, inputs, dataset } = all;
    const expected = model.predict(inputs);
    program.dispose();
    expectIdentical(model.predict(inputs), expected);
    trainer.dispose();
    expectIdentical(model.predict(inputs), expected);
    expect(other.trainStep(dataset, 0, 7).loss).toBeGreaterThan(0);
    expect(trainerOf(model).trainStep(dataset, 0, 7).loss).toBeGreaterThan(0);
  });

  it.each(refusals("model"))("of a model makes every use an error that names it: %s", async (_, use) => {
    const all = await inUse(await createEngine({ threads: 1 }));
    all.model.dispose();
    await expectRefused(use, all, /model.* was disposed/);
  });

  it.each([...refusals("trainer"), ...refusals("program")])(
    "of a model makes every use of its trainers and programs an error that names it: %s",
    async (_, use) => {
      const all = await inUse(await createEngine({ threads: 1 }));
      all.model.dispose();
      await expectRefused(use, all, /this (trainer|program) needs the memory of a model that was disposed/);
    },
  );

  it.each(refusals("trainer"))("of a trainer makes every use an error that names it: %s", async (_, use) => {
    const all = await inUse(await createEngine({ threads: 1 }));
    all.trainer.dispose();
    await expectRefused(use, all, /this trainer was disposed/);
  });

  it.each(refusals("program"))("of a program makes every use an error that names it: %s", async (_, use) => {
    const all = await inUse(await createEngine({ threads: 1 }));
    all.program.dispose();
    await expectRefused(use, all, /this program was disposed/);
  });

  it.each(["model", "trainer"] as const)("of a %s ends a running fit at its next step", async (what) => {
    const all = await inUse(await createEngine({ threads: 1 }));
    const run = async (): Promise<void> => {
      let steps = 0;
      const onStep = (): void => {
        if (++steps === 3) all[what].dispose();
        expect(steps).toBeLessThanOrEqual(3);
      };
      for await (const report of all.trainer.fit(all.dataset, { epochs: 5, batchSize: 4, onStep }))
        expect(report).toBeDefined();
    };
    await expect(run()).rejects.toThrow(StateError);
    await expect(run()).rejects.toThrow(new RegExp(`${what}.* was disposed`));
  });

  it("of a program that a trainer uses makes the trainer compile it again", async () => {
    const { trainer, dataset } = await inUse(await createEngine({ threads: 1 }));
    trainer.trainingProgram(dataset, 7).dispose();
    expect(trainer.trainStep(dataset, 0, 7).loss).toBeGreaterThan(0);
  });

  it("changes no number of what lives on, though its memory is taken again", async () => {
    const engine = await createEngine({ threads: 1, seed: 2 });
    const inputs = randomFloats(5 * inputSize);
    const models = Array.from({ length: 9 }, () => buildModel(engine));
    const expected = models.map((model) => model.predict(inputs, { batchSize: 5 }));
    for (let round = 0; round < 30; round++) {
      const at = (round * 4) % 9;
      models[at]!.dispose();
      models[at] = buildModel(engine);
      models[at].predict(inputs, { batchSize: 1 + (round % 4) });
      expected[at] = models[at].predict(inputs, { batchSize: 5 });
      models.forEach((model, i) => expectIdentical(model.predict(inputs, { batchSize: 5 }), expected[i]!));
    }
  });

  it("goes on after the engine is closed", async () => {
    const all = await inUse(await createEngine({ threads: 2 }));
    await all.engine.close();
    for (const part of [all.program, all.trainer, all.model]) part.dispose();
    expect(() => all.model.state()).toThrow(/this model was disposed/);
  });
});

describe("`using`", () => {
  /** What `using` does with a value at the end of its block. */
  const endOfBlock = (value: unknown): void => {
    (value as Record<symbol, () => void>)[Symbol.dispose]!();
  };

  it("disposes models, trainers and programs, and closes engines", async () => {
    const engine = await createEngine({ threads: 2 });
    const all = await inUse(engine);
    endOfBlock(all.program);
    expect(() => all.program.run()).toThrow(/this program was disposed/);
    endOfBlock(all.trainer);
    expect(() => all.trainer.trainStep(all.dataset, 0, 1)).toThrow(/this trainer was disposed/);
    endOfBlock(all.model);
    endOfBlock(all.model);
    expect(() => all.model.state()).toThrow(/this model was disposed/);
    await engine[Symbol.asyncDispose]();
    expect(() => buildModel(engine)).toThrow(/this engine was closed/);
  });

  it("is known to the types", () => {
    const disposables: readonly (new (...options: never[]) => Disposable)[] = [Program];
    expect(disposables).toHaveLength(1);
    const check = (model: ReturnType<typeof buildModel>, trainer: Trainer, engine: Engine) => {
      const known: [Disposable, Disposable, AsyncDisposable] = [model, trainer, engine];
      return known;
    };
    expect(check).toBeTypeOf("function");
  });
});

it("a model without state can be disposed, too", async () => {
  const engine = await createEngine({ threads: 1 });
  const before = engine.memory.allocatedBytes;
  const model = nn.sequential(nn.lambda((x) => ops.scale(x, 2))).build(engine, { inputShape: [2] });
  expect([...model.predict(Float32Array.of(1, 2))]).toEqual([2, 4]);
  model.dispose();
  expect(() => model.predict(Float32Array.of(1, 2))).toThrow(StateError);
  expect(engine.memory.allocatedBytes).toBe(before);
});

import { describe, expect, it } from "vitest";
import * as safetensors from "../../src/formats/safetensors.js";
import {
  createEngine,
  data,
  type Engine,
  Graph,
  KernelError,
  losses,
  type Model,
  nn,
  ops,
  optim,
  Program,
  StateError,
  Trainer,
} from "../../src/index.js";

const dataset = (): data.Dataset =>
  data.dataset({
    inputs: Float32Array.from({ length: 16 }, (_, i) => i / 8 - 1),
    inputShape: [2],
    targets: Float32Array.from({ length: 8 }, (_, i) => i / 4 - 1),
    targetShape: [1],
  });

/** A model that has predicted, a trainer that has trained, and programs, all of one engine. */
async function everything(threads: number) {
  const engine = await createEngine({ seed: 3, threads });
  const layers = (): nn.Sequential =>
    nn.sequential(nn.linear({ outFeatures: 4 }), nn.tanh(), nn.linear({ outFeatures: 1 }));
  const model = layers().build(engine, { inputShape: [2] });
  const other = layers().build(engine, { inputShape: [2] });
  const trainer = new Trainer(other, {
    loss: losses.meanSquaredError(),
    optimizer: optim.adam({ learningRate: 0.01 }),
  });
  const samples = dataset();
  trainer.trainStep(samples, 0, 4);
  await trainer.evaluate(samples);
  model.predict(new Float32Array(2));

  const graph = new Graph();
  const x = graph.input([3], "x");
  const y = ops.scale(x, 2);
  const program = new Program(engine, graph, { outputs: [y] });
  program.write(x, [1, 2, 3]);
  program.run();
  return { engine, layers, model, other, trainer, samples, graph, x, y, program };
}
type Everything = Awaited<ReturnType<typeof everything>>;

/** Everything of an engine that a later result can depend on. */
function snapshot({ engine, model, other, trainer, program, x, y }: Everything): unknown {
  return {
    allocated: engine.memory.allocatedBytes,
    arena: engine.arena.bytes,
    random: [...engine.random["state"]],
    trainer: [trainer.step, [...trainer["random"]["state"]]],
    states: [model, other].map((model) => [...model.state()].map(([name, { data }]) => [name, [...data]])),
    program: [[...program.read(x)], [...program.read(y)]],
  };
}

/** Runs `act` within a custom operation of a model of `engine`, which doubles what it gets. */
function within(engine: Engine, act: () => unknown): Float32Array {
  const double = nn.lambda((x) =>
    ops.custom([x], {
      name: "double",
      shape: x.shape,
      forward: ([x], y) => {
        act();
        x!.forEach((value, i) => (y[i] = 2 * value));
      },
    }),
  );
  const model: Model = nn.sequential(nn.relu(), double, nn.relu()).build(engine, { inputShape: [3] });
  return model.predict(Float32Array.of(1, 2, 3));
}

/** What changes memory, or runs: some are synchronous, some give promises. */
const changes: Readonly<Record<string, (all: Everything) => unknown>> = {
  "predict of a known batch": ({ model }) => model.predict(new Float32Array(2)),
  "predict of a new batch": ({ model }) => model.predict(new Float32Array(20)),
  "building a model": ({ engine, layers }) => layers().build(engine, { inputShape: [2] }),
  "building a model without state": ({ engine }) => nn.sequential(nn.relu()).build(engine, { inputShape: [2] }),
  "a large model": ({ engine }) => nn.sequential(nn.linear({ outFeatures: 1e5 })).build(engine, { inputShape: [100] }),
  "making a trainer": ({ model }) =>
    new Trainer(model, { loss: losses.meanSquaredError(), optimizer: optim.sgd({ learningRate: 1 }) }),
  "a step of a known size": ({ trainer, samples }) => trainer.trainStep(samples, 0, 4),
  "a step of a new size": ({ trainer, samples }) => trainer.trainStep(samples, 0, 3),
  "a step on new data": ({ trainer }) => trainer.trainStep(dataset(), 0, 4),
  fit: async ({ trainer, samples }) => {
    for await (const report of trainer.fit(samples)) expect(report.loss).toBeGreaterThan(0);
  },
  evaluate: ({ trainer, samples }) => trainer.evaluate(samples),
  "a training program": ({ trainer, samples }) => trainer.trainingProgram(samples, 5),
  loadState: ({ model }) => model.loadState(model.state()),
  compiling: ({ engine, graph, y }) => new Program(engine, graph, { outputs: [y] }),
  "a run": ({ program }) => program.run(),
  "a run of records": ({ engine, program }) => engine.run(program.linked, 0, 1),
  "a share of a record": ({ engine, program }) => engine.runShare(program.linked, 0, 0, 1),
  "writing an input": ({ program, x }) => program.write(x, [9, 9, 9]),
  "writing scalars": ({ program }) => program.scalars.set("learningRate", 9),
  "writing integer scalars": ({ program }) => program.scalars.setInteger("cursor", 9),
  "registering a host call": ({ engine }) => engine.registerHostCall(() => undefined),
  "allocating memory": ({ engine }) => engine.memory.allocate(64, "test"),
  "disposing a program": ({ program }) => program.dispose(),
  "disposing a model": ({ model }) => model.dispose(),
  "disposing a trainer": ({ trainer }) => trainer.dispose(),
};

const reads: Readonly<Record<string, (all: Everything) => unknown>> = {
  state: ({ model }) => [...model.state()].map(([name, { data }]) => [name, [...data]]),
  "the bytes of a file": ({ model }) => safetensors.toBytes(model),
  parameterCount: ({ model }) => model.parameterCount,
  "engine.info": ({ engine }) => engine.info,
  "memory figures": ({ engine }) => [engine.memory.allocatedBytes > 0, engine.memory.byteLength > 0],
  "an input of another program": ({ program, x }) => [...program.read(x)],
  "an output of another program": ({ program, y }) => [...program.read(y)],
  "tracing into a graph": ({ model }) => {
    const graph = new Graph();
    return model.trace(graph, graph.input([7, 2], "x"), false).shape;
  },
};

describe.each([1, 2])("within a custom operation, on %i threads,", (threads) => {
  it.each(Object.entries(changes))("%s is refused, and nothing changes", async (_, change) => {
    const all = await everything(threads);
    const refusals: unknown[] = [];
    const promises: Promise<unknown>[] = [];
    let before: unknown;
    let after: unknown;
    const result = within(all.engine, () => {
      before = snapshot(all);
      try {
        const outcome = change(all);
        expect(outcome).toBeInstanceOf(Promise);
        promises.push(outcome as Promise<unknown>);
      } catch (error) {
        refusals.push(error);
      }
      after = snapshot(all);
    });
    for (const outcome of await Promise.allSettled(promises)) {
      refusals.push(outcome.status === "rejected" ? outcome.reason : outcome);
    }
    expect([...result]).toEqual([2, 4, 6]);
    expect(refusals).toEqual([expect.any(StateError)]);
    expect(String(refusals[0])).toMatch(/this engine is executing a program/);
    expect(after).toEqual(before);

    // The engine goes on: what was refused works now.
    await change(all);
    await all.engine.close();
  });

  it.each(Object.entries(reads))("%s can be read, and is right", async (_, read) => {
    const all = await everything(threads);
    const expected = read(all);
    let seen: unknown;
    const result = within(all.engine, () => (seen = read(all)));
    expect(seen).toEqual(expected);
    expect([...result]).toEqual([2, 4, 6]);
    await all.engine.close();
  });

  it("the refusal ends the run if it is not caught, as a StateError", async () => {
    const all = await everything(threads);
    expect(() => within(all.engine, () => void all.model.predict(new Float32Array(2)))).toThrow(StateError);
    expect([...within(all.engine, () => undefined)]).toEqual([2, 4, 6]);
    await all.engine.close();
  });

  it("another engine does everything", async () => {
    const outer = await everything(threads);
    const inner = await everything(threads);
    const expected = inner.model.predict(new Float32Array(20));
    let seen: unknown;
    let step = 0;
    const result = within(outer.engine, () => {
      seen = inner.model.predict(new Float32Array(20));
      inner.trainer.trainStep(inner.samples, 0, 3);
      step = inner.trainer.step;
      const model = inner.layers().build(inner.engine, { inputShape: [2] });
      model.predict(new Float32Array(2));
      model.dispose();
      // And through it, the outer one still does not.
      within(inner.engine, () => expect(() => outer.program.run()).toThrow(StateError));
    });
    expect(seen).toEqual(expected);
    expect(step).toBe(2);
    expect([...result]).toEqual([2, 4, 6]);
    await Promise.all([outer.engine.close(), inner.engine.close()]);
  });

  it("the outputs of the program that is executed are not there, and its inputs are", async () => {
    const engine = await createEngine({ threads });
    const graph = new Graph();
    const x = graph.input([1], "x", "f32", true);
    const seen: unknown[] = [];
    const y = ops.custom([x], {
      name: "curious",
      shape: [1],
      forward: ([x], y) => {
        look();
        y.set(x!);
      },
      backward: (_x, _y, dy, [dx]) => dx!.set(dy),
    });
    const look = (): void => {
      seen.push(program.read(x)[0]);
      expect(() => program.read(y)).toThrow(StateError);
      expect(() => program.readGradient(x)).toThrow(StateError);
    };
    const program = new Program(engine, graph, { outputs: [y], backward: { from: y }, gradients: [x] });
    program.write(x, [5]);
    program.run();
    program.run();
    expect(seen).toEqual([5, 5]);
    expect([...program.read(y), ...program.readGradient(x)]).toEqual([5, 1]);
    await engine.close();
  });

  it("the load of a file is refused at the call, and nothing changes", async () => {
    const { engine, model, other } = await everything(threads);
    const before = model.state();
    let loaded: Promise<void> | undefined;
    const result = within(engine, () => (loaded = safetensors.load(model, safetensors.toBytes(other))));
    await expect(loaded).rejects.toThrow(StateError);
    expect([...result]).toEqual([2, 4, 6]);
    expect(model.state()).toEqual(before);
    await engine.close();
  });

  it("closing the engine lets the run come to its end, and ends the engine after it", async () => {
    const all = await everything(threads);
    let closed: Promise<void> | undefined;
    const result = within(all.engine, () => {
      closed = all.engine.close();
      expect(() => all.program.run()).toThrow(StateError);
    });
    expect([...result]).toEqual([2, 4, 6]);
    expect(() => all.program.run()).toThrow(/closed/);
    await closed;
    expect(() => all.program.run()).toThrow(/closed/);
    expect(() => all.layers().build(all.engine, { inputShape: [2] })).toThrow(/closed/);
    // What is there can still be read and given back.
    expect([...all.program.read(all.y)]).toEqual([2, 4, 6]);
    expect(all.model.state().size).toBe(4);
    all.model.dispose();
  });

  it("the event loop turns only after the run: what is dropped meanwhile is given back as ever", async () => {
    const all = await everything(threads);
    const drop = (): void => {
      all
        .layers()
        .build(all.engine, { inputShape: [2] })
        .predict(new Float32Array(2));
    };
    drop();
    const result = within(all.engine, () => globalThis.gc!());
    expect([...result]).toEqual([2, 4, 6]);
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      globalThis.gc!();
    }
    expect([...within(all.engine, () => undefined)]).toEqual([2, 4, 6]);
    await all.engine.close();
  });
});

it("a KernelError, not a hang, follows when every custom operation of a chain fails", async () => {
  const all = await everything(2);
  const boom = (): never => {
    throw new Error("boom");
  };
  for (let i = 0; i < 10; i++) expect(() => within(all.engine, boom)).toThrow(KernelError);
  expect([...within(all.engine, () => undefined)]).toEqual([2, 4, 6]);
  await all.engine.close();
});

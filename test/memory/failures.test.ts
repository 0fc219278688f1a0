import { afterEach, describe, expect, it, vi } from "vitest";
import {
  ArgumentError,
  createEngine,
  type Engine,
  Graph,
  losses,
  type Model,
  nn,
  ops,
  optim,
  Program,
  StateError,
  Trainer,
  WasmgradError,
} from "../../src/index.js";
import { define } from "../../src/graph/index.js";
import { evaluateInAnotherRealm } from "../realm.js";
import { buildModel, inputShape, trainerOf } from "./parts.js";

type State = ReturnType<Model["state"]>;
type Tensor = State extends Map<string, infer T> ? T : never;

const bytesOf = (state: State): unknown => [...state].map(([name, { shape, data }]) => [name, shape, [...data]]);

describe("loadState", async () => {
  const engine = await createEngine({ threads: 1, seed: 1 });
  const model = buildModel(engine);
  const names = [...model.state().keys()];
  /** Other numbers for every tensor. */
  const replacement = (): State =>
    new Map(
      [...model.state()].map(([name, { shape, data }]) => [name, { shape, data: data.map((value) => value + 1) }]),
    );

  const flaws: Readonly<Record<string, (tensor: Tensor) => unknown>> = {
    missing: () => undefined,
    "no object": () => 3,
    null: () => null,
    "data too short": ({ shape, data }) => ({ shape, data: data.subarray(1) }),
    "data too long": ({ shape, data }) => ({ shape, data: Float32Array.of(...data, 1) }),
    "data that is detached": ({ shape, data }) => {
      structuredClone(data.buffer, { transfer: [data.buffer as ArrayBuffer] });
      return { shape, data };
    },
    "no data": ({ shape }) => ({ shape }),
    "data of big integers": ({ shape, data }) => ({ shape, data: new BigInt64Array(data.length) }),
    "data of texts": ({ shape, data }) => ({ shape, data: Array.from(data, String) }),
    "a DataView": ({ shape, data }) => ({ shape, data: new DataView(data.buffer) }),
    "an ArrayBuffer": ({ shape, data }) => ({ shape, data: data.buffer }),
    "another shape": ({ shape, data }) => ({ shape: [...shape, 1], data }),
    "a shape in other order": ({ data }) => ({ shape: [data.length + 1], data }),
    "no shape": ({ data }) => ({ data }),
    "a shape that is a text": ({ shape, data }) => ({ shape: shape.join(), data }),
    "a shape of texts": ({ shape, data }) => ({ shape: shape.map(String), data }),
  };

  it.each(Object.entries(flaws))("refuses a state with %s in any place, and changes nothing", (_, flaw) => {
    const before = bytesOf(model.state());
    for (const name of names) {
      const state = new Map<string, unknown>(replacement());
      state.set(name, flaw(state.get(name) as Tensor));
      expect(() => model.loadState(state as State), name).toThrow(WasmgradError);
      expect(() => model.loadState(state as State), name).toThrow(name);
      expect(bytesOf(model.state())).toEqual(before);
    }
  });

  it.each<[string, unknown]>([
    [
      "a tensor that no layer has",
      new Map([...replacement(), ["9.weight", { shape: [1], data: new Float32Array(1) }]]),
    ],
    ["a key that is no text", new Map<unknown, unknown>([...replacement(), [Symbol("0.weight"), 1]])],
    ["an object", Object.fromEntries(replacement())],
    ["an array", [...replacement()]],
    ["a WeakMap", new WeakMap()],
    ["null", null],
    ["undefined", undefined],
    ["a text", "0.weight"],
  ])("refuses %s, and changes nothing", (_, state) => {
    const before = bytesOf(model.state());
    expect(() => model.loadState(state as State)).toThrow(WasmgradError);
    expect(bytesOf(model.state())).toEqual(before);
  });

  it("takes NaN, plain arrays, and maps and arrays of another realm", () => {
    const state = replacement();
    state.get("0.bias")!.data[0] = NaN;
    const mixed = new Map<string, unknown>(state);
    mixed.set("5.bias", { shape: [3], data: [1, 2, 3] });
    mixed.set("1.weight", { shape: [8], data: evaluateInAnotherRealm("new Float32Array(8).fill(2)") });
    const map = evaluateInAnotherRealm("new Map()") as Map<string, unknown>;
    for (const [name, tensor] of mixed) map.set(name, tensor);
    model.loadState(map as State);
    const loaded = model.state();
    expect(loaded.get("0.bias")!.data[0]).toBeNaN();
    expect([...loaded.get("5.bias")!.data]).toEqual([1, 2, 3]);
    expect([...loaded.get("1.weight")!.data]).toEqual(Array(8).fill(2));
  });
});

/** What must be as before when something failed. */
const snapshot = (engine: Engine): unknown => {
  engine.arena.trim();
  return [engine.memory.allocatedBytes, [...engine.random["state"]]];
};

describe("what cannot be made", async () => {
  const engine = await createEngine({ threads: 1, seed: 1, maximumMemory: 2 ** 22 });
  const model = buildModel(engine);

  const withInitializer = (initializer: unknown) => (): unknown =>
    nn
      .sequential(
        nn.linear({ outFeatures: 4 }),
        nn.linear({ outFeatures: 2, initializer: initializer as nn.Initializer }),
      )
      .build(engine, { inputShape: [3] });
  const trainerWith = (options: object) => (): unknown =>
    new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.adam({ learningRate: 1 }), ...options });
  const compile = (options: object) => (): unknown => {
    const graph = new Graph();
    const x = graph.input([4], "x", "f32", true);
    const y = ops.custom([ops.exp(x)], { name: "mine", shape: [4], forward: ([x], y) => y.set(x!) });
    return new Program(engine, graph, { outputs: [y], ...options });
  };
  const fails = (): never => {
    throw new Error("not now");
  };
  const fusing = define({
    name: "fusing",
    inputs: ["x"],
    shape: ({ x }) => ({ y: x.shape }),
    lower: () => undefined,
    rules: [{ name: "fails", phase: 0, rewrite: fails }],
  });
  const compileFused = (): unknown => {
    const graph = new Graph();
    return new Program(engine, graph, { outputs: [fusing.apply({ x: graph.input([4], "x") }).y] });
  };

  it.each<[string, () => unknown]>([
    ["an initializer that throws", withInitializer(fails)],
    ["an initializer that gives too few", withInitializer(() => new Float32Array(7))],
    ["an initializer that gives too many", withInitializer(() => new Float32Array(9))],
    ["an initializer that gives nothing", withInitializer(() => undefined)],
    ["an initializer that gives texts", withInitializer(() => Array<string>(8).fill("1"))],
    ["an initializer that is none", withInitializer({})],
    ["a layer that throws when it is traced", () => nn.sequential(nn.lambda(fails)).build(engine, { inputShape: [3] })],
    [
      "more parameters than memory",
      () => nn.sequential(nn.linear({ outFeatures: 5e5 })).build(engine, { inputShape: [3] }),
    ],
    ["no shape", () => nn.sequential(nn.relu()).build(engine, {} as nn.BuildOptions)],
    ["no options", () => nn.sequential(nn.relu()).build(engine, undefined as never)],
    ["a trainer with a wrong seed", trainerWith({ seed: -1 })],
    ["a trainer with a broken optimizer", trainerWith({ optimizer: { ...optim.sgd({ learningRate: 1 }), groups: [{ match: fails, rule: { update: fails } }] } })], // prettier-ignore
    ["a trainer with too large a state", trainerWith({ optimizer: { ...optim.sgd({ learningRate: 1 }), groups: [{ rule: { update: fails, state: Array.from(Array(2e4).keys(), String) } }] } })], // prettier-ignore
    ["a program whose `before` throws", compile({ before: fails })],
    ["a program whose `after` throws", compile({ after: fails })],
    ["a program of a gradient that nothing reaches", compile({ gradients: [new Graph().input([4], "x")] })],
    ["a program of an operation whose fusion throws", compileFused],
  ])("holds nothing, and draws no random number: %s", (_, make) => {
    const before = snapshot(engine);
    const calls = engine["components"].hostCalls;
    const registered = calls["calls"].length - calls["freeIds"].length;
    for (let i = 0; i < 3; i++) expect(make).toThrow();
    expect(snapshot(engine)).toEqual(before);
    expect(calls["calls"].length - calls["freeIds"].length).toBe(registered);
  });

  it("a step whose schedule throws is not counted, and changes no parameter", () => {
    let isWell = false;
    const schedule = (): number => (isWell ? 1 : fails());
    const trainer = new Trainer(model, {
      loss: losses.crossEntropy(),
      optimizer: optim.adam({ learningRate: 0.1, schedule }),
    });
    const inputs = new Float32Array(64).fill(0.5);
    const dataset = { length: 4, inputShape, inputs, targets: Uint8Array.of(0, 1, 2, 0), targetShape: [] };
    const before = bytesOf(model.state());
    expect(() => trainer.trainStep(dataset, 0, 4)).toThrow("not now");
    expect(trainer.step).toBe(0);
    expect(bytesOf(model.state())).toEqual(before);
    isWell = true;
    trainer.trainStep(dataset, 0, 4);
    expect(trainer.step).toBe(1);
    trainer.dispose();
  });

  it("is counted as nothing by the trainer that comes next: its seed is the one it would have had", async () => {
    const draws = async (disturb: (model: Model) => void): Promise<unknown> => {
      const model = buildModel(await createEngine({ threads: 1, seed: 9 }));
      disturb(model);
      return trainerOf(model)["random"]["state"];
    };
    const refused = (model: Model): void => {
      expect(() => new Trainer(model, { loss: losses.crossEntropy(), optimizer: null as never })).toThrow();
      expect(() => nn.sequential(nn.linear({ outFeatures: 2, initializer: fails })).build(model.engine, { inputShape: [2] })).toThrow(); // prettier-ignore
    };
    expect(await draws(refused)).toEqual(await draws(() => undefined));
  });
});

describe("createEngine", () => {
  afterEach(() => vi.unstubAllGlobals());

  it.each<[string, unknown]>([
    ["null", null],
    ["a number", 3],
    ["threads in a text", { threads: "2" }],
    ["65 threads", { threads: 65 }],
    ["threads in an object", { threads: Object.create(null) as object }],
    ["a maximum of a page", { maximumMemory: 65536 }],
    ["a maximum of 2^33", { maximumMemory: 2 ** 33 }],
    ["a seed of 2^32", { seed: 2 ** 32 }],
    ["bytes for a module", { module: new Uint8Array(8) }],
    ["an empty module", { module: new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)) }],
    ["a module that imports something else", { module: foreignModule() }],
  ])("refuses %s with an ArgumentError", async (_, options) => {
    await expect(createEngine(options as object)).rejects.toThrow(ArgumentError);
  });

  it("ends the workers that it started when another cannot be started", async () => {
    let alive = 0;
    const real = process;
    const { Worker } = real.getBuiltinModule("node:worker_threads");
    class Scarce extends Worker {
      constructor(...options: ConstructorParameters<typeof Worker>) {
        if (alive === 2) throw new Error("no more workers");
        super(...options);
        alive++;
        this.once("exit", () => alive--);
      }
    }
    const getBuiltinModule = (name: string): unknown =>
      name === "node:worker_threads" ? { Worker: Scarce } : real.getBuiltinModule(name as "node:os");
    vi.stubGlobal("process", Object.create(real, { getBuiltinModule: { value: getBuiltinModule } }));
    const { info } = await createEngine({ threads: 4 });
    expect(info).toMatchObject({ threads: 1, threadsReason: "workers could not be started: no more workers" });
    expect(alive).toBe(0);
  });

  it("can still be read from and disposed after it is closed, and nothing else", async () => {
    const engine = await createEngine({ threads: 2 });
    const model = buildModel(engine);
    await engine.close();
    expect(model.state().size).toBeGreaterThan(0);
    for (const use of [
      () => buildModel(engine),
      () => trainerOf(model),
      () => model.predict(new Float32Array(16)),
      () => model.loadState(model.state()),
    ]) {
      expect(use).toThrow(StateError);
      expect(use).toThrow(/this engine was closed/);
    }
    model.dispose();
  });
});

/** A module with one import, a function `a.b`. */
function foreignModule(): WebAssembly.Module {
  return new WebAssembly.Module(
    Uint8Array.of(...[0, 97, 115, 109, 1, 0, 0, 0], ...[1, 4, 1, 96, 0, 0], ...[2, 7, 1, 1, 97, 1, 98, 0, 0]),
  );
}

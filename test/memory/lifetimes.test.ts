import { describe, expect, it } from "vitest";
import { ArgumentError, createEngine, Graph, nn, ops, Program, ShapeError, StateError } from "../../src/index.js";
import { expectIdentical } from "../expect.js";
import { randomFloats } from "../random.js";
import { buildModel, collectGarbage, inputShape, inputSize, samples, trainerOf } from "./parts.js";

describe("what a program reads", () => {
  it("lives as long as the program, though nothing else refers to the model", async () => {
    const engine = await createEngine({ threads: 1, seed: 1 });
    const x = randomFloats(5 * inputSize);
    const { program, input, output, expected } = (() => {
      const model = buildModel(engine);
      const graph = new Graph();
      const input = graph.input([5, ...inputShape], "x");
      const output = model.trace(graph, input, false);
      const program = new Program(engine, graph, { outputs: [output] });
      return { program, input, output, expected: model.predict(x) };
    })();
    program.write(input, x);
    for (let round = 0; round < 3; round++) {
      await collectGarbage();
      // Takes every byte that came free.
      for (let i = 0; i < 40; i++) buildModel(engine).predict(x);
      program.run();
      expectIdentical(program.read(output), expected);
    }
  });

  it("lives as long as a graph from which a program can be compiled", async () => {
    const engine = await createEngine({ threads: 1, seed: 1 });
    const x = randomFloats(5 * inputSize);
    const { graph, input, output, expected } = (() => {
      const model = buildModel(engine);
      const graph = new Graph();
      const input = graph.input([5, ...inputShape], "x");
      return { graph, input, output: model.trace(graph, input, false), expected: model.predict(x) };
    })();
    await collectGarbage();
    for (let i = 0; i < 40; i++) buildModel(engine).predict(x);
    const program = new Program(engine, graph, { outputs: [output] });
    program.write(input, x);
    program.run();
    expectIdentical(program.read(output), expected);
  });

  it("lives as long as a value that can be read", async () => {
    const engine = await createEngine({ threads: 1, seed: 1 });
    const { program, weight, expected } = (() => {
      const layer = nn.linear({ outFeatures: 4 });
      const graph = new Graph();
      const model = nn.sequential(layer).build(engine, { inputShape: [16] });
      const [entry] = model.entries;
      const weight = graph.state(entry!.shape, entry!.data, "weight");
      const program = new Program(engine, graph, { outputs: [weight] });
      return { program, weight, expected: model.state().get("0.weight")!.data };
    })();
    await collectGarbage();
    for (let i = 0; i < 40; i++) buildModel(engine);
    expectIdentical(program.read(weight), expected);
  });

  it("goes when nothing refers to it: models, trainers, data sets, programs", async () => {
    const engine = await createEngine({ threads: 1, seed: 1 });
    const use = async (): Promise<void> => {
      const model = buildModel(engine);
      model.predict(randomFloats(3 * inputSize));
      const trainer = trainerOf(model);
      for await (const { loss } of trainer.fit(samples(), { batchSize: 7 })) expect(loss).toBeGreaterThan(0);
      const graph = new Graph();
      const output = model.trace(graph, graph.input([2, ...inputShape], "x"), true);
      const doubled = ops.custom([output], { name: "double", shape: output.shape, forward: ([x], y) => y.set(x!) });
      new Program(engine, graph, { outputs: [doubled] }).run();
    };
    await use();
    await collectGarbage();
    engine.arena.trim();
    const before = engine.memory.allocatedBytes;
    for (let i = 0; i < 10; i++) await use();
    await collectGarbage();
    engine.arena.trim();
    expect(engine.memory.allocatedBytes).toBe(before);
  });
});

describe("what a program was given and has computed", () => {
  it("stays, whatever else the engine runs, compiles, grows or gives back", async () => {
    const engine = await createEngine({ threads: 1, seed: 1 });
    const graph = new Graph();
    const x = graph.input([50], "x", "f32", true);
    const y = ops.relu(ops.scale(x, 2));
    const program = new Program(engine, graph, { outputs: [y], backward: { from: y }, gradients: [x] });
    const given = randomFloats(50);
    program.write(x, given);
    const others: (() => unknown)[] = [
      () => buildModel(engine).predict(randomFloats(40 * inputSize)),
      () => trainerOf(buildModel(engine)).trainStep(samples(), 0, 9),
      () => {
        const graph = new Graph();
        const x = graph.input([50], "x");
        const other = new Program(engine, graph, { outputs: [ops.scale(x, 3)] });
        other.write(x, new Float32Array(50).fill(9));
        other.run();
      },
      () => new Program(engine, graph, { outputs: [y] }).dispose(),
      () => {
        const graph = new Graph();
        const big = graph.input([1_000_000], "big");
        const large = new Program(engine, graph, { outputs: [ops.exp(ops.scale(big, 3))] });
        large.run();
        large.dispose();
      },
    ];
    for (const disturb of others) {
      disturb();
      expectIdentical(program.read(x), given);
      program.run();
      disturb();
      expectIdentical(program.read(x), given);
      expectIdentical(
        program.read(y),
        given.map((value) => Math.max(2 * value, 0)),
      );
      expectIdentical(
        program.readGradient(x),
        given.map((value) => (value > 0 ? 2 : 0)),
      );
    }
  });

  it("includes the gradients of a model's parameters", async () => {
    const engine = await createEngine({ threads: 1, seed: 1 });
    const model = nn.sequential(nn.linear({ outFeatures: 1, bias: false })).build(engine, { inputShape: [2] });
    const [entry] = model.entries;
    const compile = (factor: number) => {
      const graph = new Graph();
      const x = graph.input([1, 2], "x");
      const weight = graph.state(entry!.shape, entry!.data, "weight", entry!.gradient);
      const y = ops.scale(ops.matmul(x, weight), factor);
      const program = new Program(engine, graph, { outputs: [y], backward: { from: y }, gradients: [weight] });
      program.write(x, [1, 2]);
      program.run();
      return () => [...program.readGradient(weight)];
    };
    const [first, second] = [compile(1), compile(10)];
    expect(first()).toEqual([1, 2]);
    expect(second()).toEqual([10, 20]);
  });

  it("is not there before a run, and inputs are zero until they are written", async () => {
    const engine = await createEngine({ threads: 1 });
    const graph = new Graph();
    const x = graph.input([2], "x", "f32", true);
    const y = ops.exp(x);
    const program = new Program(engine, graph, { outputs: [y], backward: { from: y }, gradients: [x] });
    expect(() => program.read(y)).toThrow(StateError);
    expect(() => program.read(y)).toThrow(/exp is not computed: no run of this program has come to its end/);
    expect(() => program.readScalar(y)).toThrow(StateError);
    expect(() => program.readGradient(x)).toThrow(StateError);
    expect([...program.read(x)]).toEqual([0, 0]);
    program.run();
    expect([...program.read(y)]).toEqual([1, 1]);
    program.write(x, [1, 1]);
    expect([...program.read(y)]).toEqual([1, 1]);
  });
});

describe("a program", async () => {
  const engine = await createEngine({ threads: 1 });
  const graph = new Graph();
  const x = graph.input([2], "x", "f32", true);
  const labels = graph.input([2], "labels", "i32");
  const y = ops.exp(x);
  const stranger = new Graph().input([2], "stranger", "f32", true);

  it.each<[string, ConstructorParameters<typeof Program>[2], RegExp]>([
    ["outputs", { outputs: [stranger] }, /must name values of the graph/],
    ["gradients", { outputs: [y], backward: { from: y }, gradients: [stranger] }, /must name values of the graph/],
    ["backward.from", { outputs: [y], backward: { from: stranger } }, /must name values of the graph/],
    ["backward.gradient", { outputs: [], backward: { from: y, gradient: stranger } }, /must name values of the graph/],
    ["what is no value", { outputs: [undefined as never] }, /must name values of the graph/],
  ])("is refused with values of another graph in %s", (_, options, message) => {
    const before = engine.memory.allocatedBytes;
    expect(() => new Program(engine, graph, options)).toThrow(ArgumentError);
    expect(() => new Program(engine, graph, options)).toThrow(message);
    expect(engine.memory.allocatedBytes).toBe(before);
  });

  it("is refused with an upstream gradient of another shape, and takes one that is computed", () => {
    const graph = new Graph();
    const x = graph.input([2], "x", "f32", true);
    const wrong = graph.input([3], "wrong");
    const y = ops.scale(x, 3);
    expect(() => new Program(engine, graph, { outputs: [], backward: { from: y, gradient: wrong } })).toThrow(
      ShapeError,
    );
    const upstream = ops.exp(graph.input([2], "exponent"));
    const program = new Program(engine, graph, {
      outputs: [],
      backward: { from: y, gradient: upstream },
      gradients: [x],
    });
    program.run();
    expect([...program.readGradient(x)]).toEqual([3, 3]);
  });

  it("is refused with state of another engine", async () => {
    const other = await createEngine({ threads: 1 });
    const model = buildModel(other);
    const graph = new Graph();
    const output = model.trace(graph, graph.input([1, ...inputShape], "x"), false);
    expect(() => new Program(engine, graph, { outputs: [output] })).toThrow(ArgumentError);
    expect(() => new Program(engine, graph, { outputs: [output] })).toThrow(/model of another engine/);
  });

  it("reads integers as integers and floats as floats, and writes only inputs", () => {
    const program = new Program(engine, graph, { outputs: [y] });
    program.write(labels, [3, 4]);
    expect([...program.readIntegers(labels)]).toEqual([3, 4]);
    expect(() => program.read(labels)).toThrow(/labels holds int32: take readIntegers/);
    expect(() => program.readScalar(labels)).toThrow(ArgumentError);
    expect(() => program.readIntegers(x)).toThrow(/x holds float32: take read/);
    expect(() => program.write(y, [1, 2])).toThrow(/exp is no input of this graph/);
  });

  it("computes with integers only where they are meant", () => {
    const refused = [
      ops.relu,
      ops.exp,
      (v: typeof x) => ops.divide(v, v),
      (v: typeof x) => ops.scale(v, 2),
      ops.softmax,
    ];
    for (const op of refused) expect(() => op(labels)).toThrow(/wants float32( values)?, labels holds int32/);
    expect(ops.add(labels, labels).dataType).toBe("i32");
    expect(ops.reshape(labels, [2, 1]).dataType).toBe("i32");
  });

  it("takes no state from memory that is smaller than the value", () => {
    const model = nn.sequential(nn.linear({ outFeatures: 2 })).build(engine, { inputShape: [2] });
    const [entry] = model.entries;
    expect(() => new Graph().state([1000], entry!.data, "weight")).toThrow(ShapeError);
    expect(() => new Graph().state([1000], entry!.data, "weight")).toThrow(/4000 bytes, its memory has 16/);
  });
});

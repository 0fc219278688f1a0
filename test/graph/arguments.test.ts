import { describe, expect, it } from "vitest";
import { createEngine, Graph, nn, ops, Program, WasmgradError } from "../../src/index.js";

/** Calls as JavaScript allows them. */
type Untyped = (...values: readonly unknown[]) => unknown;
const untyped = (object: object): Readonly<Record<string, Untyped>> => object as Record<string, Untyped>;

describe("a call with other than what it wants is refused on purpose, in words", async () => {
  const engine = await createEngine({ threads: 1 });
  const graph = new Graph();
  const x = graph.input([2, 2], "x", "f32", true);
  const y = ops.relu(x);
  const program = new Program(engine, graph, { outputs: [y] });
  const model = nn.sequential(nn.linear({ outFeatures: 2 })).build(engine, { inputShape: [2] });
  const build = (layer: unknown, options: object = { inputShape: [2] }): unknown =>
    nn.sequential(layer as nn.Layer).build(engine, options as nn.BuildOptions);
  const compile = (...values: unknown[]): unknown => Reflect.construct(Program, values);
  const image = new Graph().input([1, 2, 2, 1], "image");

  const operations = Object.entries(ops).filter(([name]) => name !== "custom");
  it.each(operations)("ops.%s", (_, operation) => {
    for (const values of [[], [3], [null, null], [[x], [x]], [x.shape], ["x", "x", "x", "x", "x", {}]]) {
      expect(() => (operation as Untyped)(...values)).toThrow(WasmgradError);
    }
  });

  it.each<[string, Untyped]>([
    ["a promise of an engine", () => nn.sequential(nn.relu()).build(createEngine() as never, { inputShape: [2] })],
    ["no engine", () => nn.sequential(nn.relu()).build(undefined as never, { inputShape: [2] })],
    ["no options of build", () => nn.sequential(nn.relu()).build(engine, undefined as never)],
    ["a misspelt option of build", () => build(nn.relu(), { inputShape: [2], inputSize: 2 })],
    ["a shape that is a number", () => build(nn.relu(), { inputShape: 2 })],
    ["null in place of a layer", () => build(null)],
    ["a promise of a layer", () => build(Promise.resolve(nn.relu()))],
    ["a layer that wants options, not called", () => build(nn.linear)],
    ["the name of a layer", () => build("relu")],
    ["a layer of no function", () => nn.lambda(3 as never)],
    ["a layer that gives nothing", () => build(nn.lambda((() => undefined) as never))],
    ["a layer that gives a value of another graph", () => build(nn.lambda(() => y))],
    ["an initializer that is none", () => build(nn.linear({ outFeatures: 2, initializer: 3 as never }))],
    ["a bias that is a text", () => nn.linear({ outFeatures: 2, bias: "no" as never })],
    ["a ReLU that is a text", () => ops.maxPool2d(image, { kernelSize: 2, relu: "no" as never })],
    ["a misspelt option of a layer", () => nn.dropout({ P: 0.5 } as never)],
    ["a misspelt option of an operation", () => ops.matmul(x, x, { transpose: true } as never)],
    ["operands of two graphs", () => ops.add(x, new Graph().input([2, 2], "other"))],
    ["a graph without a shape", () => untyped(new Graph()).input!()],
    ["data of an unknown type", () => new Graph().input([1], "x", "f64" as never)],
    ["state without memory", () => untyped(new Graph()).state!([1])],
    ["a trace without a graph", () => untyped(model).trace!()],
    ["a trace without a value", () => untyped(model).trace!(new Graph())],
    ["a trace of a value of another graph", () => model.trace(new Graph(), x, false)],
    ["a program of nothing", () => compile()],
    ["a program without options", () => compile(engine, graph)],
    ["a program of no graph", () => compile(engine, {}, { outputs: [y] })],
    ["a program of no engine", () => compile(createEngine(), graph, { outputs: [y] })],
    ["an output that is not in an array", () => compile(engine, graph, { outputs: y })],
    ["a misspelt option of a program", () => compile(engine, graph, { outputs: [y], output: [y] })],
    ["a read of nothing", () => untyped(program).read!()],
    ["a read of a number", () => untyped(program).readScalar!(3)],
    ["a write of nothing", () => untyped(program).write!()],
    ["a write of a text", () => program.write(x, "1234" as never)],
    ["a gradient of nothing", () => untyped(program).readGradient!()],
    ["a run from a fraction on", () => engine.run(program.linked, 0.5, 0.5)],
    ["a host call that is none", () => engine.registerHostCall(3 as never)],
    ["a scalar that is a text", () => program.scalars.set("rate", "0.1" as never)],
    ["an integer scalar beyond 32 bits", () => program.scalars.setInteger("cursor", 2 ** 32)],
    ["a negative integer scalar", () => program.scalars.setInteger("cursor", -1)],
    ["no options of predict", () => model.predict(new Float32Array(2), null as never)],
    ["no inputs of predict", () => untyped(model).predict!()],
    ["no state", () => untyped(model).loadState!()],
  ])("%s", (_, call) => {
    const before = engine.memory.allocatedBytes;
    expect(call).toThrow(WasmgradError);
    expect(engine.memory.allocatedBytes).toBe(before);
  });
});

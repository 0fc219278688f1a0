import { describe, expect, it } from "vitest";
import { StateError } from "../../src/engine/index.js";
import { MemoryRange, gradients, Graph, Program, type Value } from "../../src/graph/index.js";
import { biasGradientOperation } from "../../src/ops/products/biasGradient.js";
import { reluBackward } from "../../src/ops/activations/relu.js";
import { ops } from "../../src/index.js";
import { expectClose, expectIdentical } from "../expect.js";
import { testEngine } from "../kernel.js";
import { randomFloats } from "../random.js";

/** What a program executes: its kernels, and in the place of pointwise programs their instructions. */
const kernels = (program: Program): string[] =>
  program.explain().records.flatMap(({ kernel, instructions }) => instructions?.map(nameOf) ?? kernel);

/** "exp" of "v1 = exp(v0)". */
function nameOf(instruction: string): string {
  return /= (\w+)/.exec(instruction)![1]!;
}

/** Runs a program of the graph with random numbers in its inputs; the outputs. */
function results(graph: Graph, program: Program, outputs: readonly Value[]): Float32Array[] {
  graph.inputs.forEach((input, i) => program.write(input, randomFloats(input.size, i + 1)));
  program.run();
  return outputs.map((output) => program.read(output));
}

describe("gradients within a graph", async () => {
  const engine = await testEngine();

  /** Two linear layers with a ReLU between them. */
  function network() {
    const graph = new Graph();
    const x = graph.input([5, 4], "x");
    const [w, b, v] = [graph.input([4, 6], "w"), graph.input([6], "b"), graph.input([6, 2], "v")];
    const y = ops.linear(ops.relu(ops.linear(x, w, b)), v);
    return { graph, x, w, b, v, y };
  }

  it("are those of fused operations, in as few records as a program that differentiates", () => {
    const { graph, w, b, v, y } = network();
    const outputs = gradients(y, [w, b, v]);
    const [fused, plain] = [true, false].map((fuse) => new Program(engine, graph, { outputs, fuse }));
    const whole = network();
    const backward = new Program(engine, whole.graph, {
      outputs: [],
      ...{ backward: { from: whole.y }, gradients: [whole.w, whole.b, whole.v] },
    });
    expect(kernels(fused!)).not.toContain("relu");
    expect(kernels(fused!)).not.toContain("reluBackward");
    expect(kernels(fused!).sort()).toEqual(kernels(backward).sort());
    expect(kernels(plain!)).toContain("relu");
    expect(kernels(plain!)).toContain("reluBackward");
    const expected = results(graph, plain!, outputs);
    results(graph, fused!, outputs).forEach((gradient, i) => expectIdentical(gradient, expected[i]!));
  });

  it("expand unfused where they are differentiated again, by another request or by the program", () => {
    const { graph, x, w, y } = network();
    const [dw] = gradients(y, [w]) as [Value];
    const norm = ops.meanSquaredError(dw, ops.scale(dw, 0));
    const [dx] = gradients(norm, [x]) as [Value];
    const outputs = [dw, dx];
    const [fused, plain] = [true, false].map((fuse) => new Program(engine, graph, { outputs, fuse }));
    const expected = results(graph, plain!, outputs);
    results(graph, fused!, outputs).forEach((gradient, i) => {
      expectClose(gradient, expected[i]!, { relative: 1e-5, absolute: 1e-6 });
    });
    const again = new Program(engine, graph, { outputs: [], backward: { from: norm }, gradients: [x] });
    graph.inputs.forEach((input, i) => again.write(input, randomFloats(input.size, i + 1)));
    again.run();
    expectClose(again.readGradient(x), expected[1]!, { relative: 1e-5, absolute: 1e-6 });
  });

  it("may be passed on as they are, once and again", () => {
    const graph = new Graph();
    const [a, b, u] = [graph.input([3], "a"), graph.input([3], "b"), graph.input([3], "u")];
    const sum = ops.add(ops.exp(a), b);
    expect(gradients(sum, [b], u)[0]).toBe(u);
    const [da, db, same] = gradients(sum, [a, b, a], u) as [Value, Value, Value];
    expect(same).toBe(da);
    // da = u·eᵃ: its gradient for u is eᵃ, of which the first request computed what it needs.
    const [du, dda] = gradients(da, [u, a], db) as [Value, Value];
    const outputs = [da, du, dda];
    for (const fuse of [true, false]) {
      const program = new Program(engine, graph, { outputs, fuse });
      const [va, , vu] = [1, 2, 3].map((seed) => randomFloats(3, seed)) as [Float32Array, Float32Array, Float32Array];
      const [first, second, third] = results(graph, program, outputs);
      expectClose(first!, vu.map((x, i) => x * Math.exp(va[i]!)), { relative: 1e-5 }); // prettier-ignore
      expectClose(second!, vu.map((x, i) => x * Math.exp(va[i]!)), { relative: 1e-5 }); // prettier-ignore
      expectClose(third!, vu.map((x, i) => x * x * Math.exp(va[i]!)), { relative: 1e-5 }); // prettier-ignore
    }
  });

  it("give the gradients of gradients that pass values on", () => {
    const graph = new Graph();
    const [x, w] = [graph.input([3], "x"), graph.input([3], "w")];
    const product = ops.multiply(ops.multiply(x, w), w);
    const [dx] = gradients(product, [x]) as [Value];
    const [dw] = gradients(dx, [w]) as [Value];
    const [ddw] = gradients(dw, [w]) as [Value];
    for (const fuse of [true, false]) {
      const program = new Program(engine, graph, { outputs: [dx, dw, ddw], fuse });
      const values = results(graph, program, [dx, dw, ddw]);
      const numbers = randomFloats(3, 2);
      expectClose(values[0]!, numbers.map((w) => w * w), { relative: 1e-5 }); // prettier-ignore
      expectClose(values[1]!, numbers.map((w) => 2 * w), { relative: 1e-5 }); // prettier-ignore
      expectClose(values[2]!, [2, 2, 2], { relative: 1e-5 });
    }
  });

  it("are refused at once where there are none", () => {
    const { x, y } = network();
    const stray = x.graph.input([2], "stray");
    expect(() => gradients(y, [stray])).toThrow(StateError);
    const once = ops.custom([x], {
      name: "once",
      shape: [5, 4],
      forward: ([input], output) => output.set(input!),
      backward: (_inputs, _y, dy, [dx]) => dx!.set(dy),
    });
    const [first] = gradients(once, [x]) as [Value];
    expect(() => gradients(first, [x])).toThrow(StateError);
  });
});

describe("rewriting after differentiation", async () => {
  const engine = await testEngine();

  it("has a bias gradient store what it masks, wherever else that is read", () => {
    const graph = new Graph();
    const [y, dy] = [graph.input([7, 5], "y"), graph.input([7, 5], "dy")];
    const masked = reluBackward(y, dy);
    const between = ops.exp(masked);
    const { sum } = biasGradientOperation.apply({ dy: masked });
    const outputs = [masked, between, sum];
    const [fused, plain] = [true, false].map((fuse) => new Program(engine, graph, { outputs, fuse }));
    expect(kernels(fused!)).toEqual(["biasGradient", "exp"]);
    expect(kernels(plain!)).toEqual(["reluBackward", "exp", "biasGradient"]);
    const expected = results(graph, plain!, outputs);
    results(graph, fused!, outputs).forEach((output, i) => expectIdentical(output, expected[i]!));
  });

  it("applies that to a layer whose ReLU cannot be part of it", () => {
    const graph = new Graph();
    const [x, w, b] = [graph.input([3, 4], "x"), graph.input([4, 2], "w"), graph.input([2], "b")];
    const z = ops.linear(x, w, b);
    const options = { outputs: [z], backward: { from: ops.relu(z) }, gradients: [w, b] };
    const [fused, plain] = [true, false].map((fuse) => new Program(engine, graph, { ...options, fuse }));
    expect(kernels(fused!)).not.toContain("reluBackward");
    for (const program of [fused!, plain!]) results(graph, program, [z]);
    for (const value of [w, b]) expectIdentical(fused!.readGradient(value), plain!.readGradient(value));
  });

  it("computes equal nodes once, across forward and backward", () => {
    const graph = new Graph();
    const x = graph.input([4], "x");
    const twice = ops.add(ops.scale(ops.exp(x), 2), ops.multiply(ops.exp(x), ops.scale(ops.exp(x), 2)));
    const program = new Program(engine, graph, { outputs: [twice] });
    expect(kernels(program).sort()).toEqual(["exp", "multiply", "multiplyAdd"]);
    const plain = new Program(engine, graph, { outputs: [twice], fuse: false });
    expectIdentical(results(graph, program, [twice])[0]!, results(graph, plain, [twice])[0]!);
    const squared = new Program(engine, graph, { outputs: [], backward: { from: twice }, gradients: [x] });
    expect(kernels(squared).filter((kernel) => kernel === "exp")).toEqual(["exp"]);
  });

  it("tells apart what differs in an attribute, an input, an output or a random number", () => {
    const graph = new Graph();
    const [x, y] = [graph.input([4], "x"), graph.input([4], "y")];
    let calls = 0;
    const counted = (): Value => ops.custom([x], { name: "counted", shape: [4], forward: () => calls++ });
    const sum = (...values: readonly Value[]): Value => values.reduce((a, b) => ops.add(a, b));
    const output = sum(
      ...[ops.scale(x, 0), ops.scale(x, -0), ops.scale(y, 0), ops.dropout(x, 0.5), ops.dropout(x, 0.5)],
      ...[counted(), counted(), ops.multiply(x, y), ops.multiply(y, x)],
    );
    const program = new Program(engine, graph, { outputs: [output] });
    const count = (name: string): number => kernels(program).filter((kernel) => kernel === name).length;
    // Products, three of them with a number, are part of additions where these alone read them.
    expect(["dropout", "hostCall"].map(count)).toEqual([2, 2]);
    expect(count("multiply") + count("multiplyAdd")).toBe(5);
    const [first, second] = [ops.exp(x), ops.exp(x)];
    const both = new Program(engine, graph, { outputs: [first, second] });
    const [one, other] = results(graph, both, [first, second]);
    expectIdentical(one!, other!);
    expect(calls).toBe(0);
  });

  it("leaves what updates state to itself", () => {
    const block = engine.memory.hold("model");
    const at = (label: string): MemoryRange => MemoryRange.at(block.allocate(64, label), 0, 12, label, block);
    const graph = new Graph();
    const x = graph.input([4, 3], "x");
    const ones = graph.constant([3], 1, "ones");
    const [mean, variance] = [graph.state([3], at("mean"), "mean"), graph.state([3], at("variance"), "variance")];
    const norm = (): Value => ops.batchNorm(x, ones, ones, mean, variance, { training: true });
    const program = new Program(engine, graph, { outputs: [ops.add(norm(), norm())] });
    expect(kernels(program).filter((kernel) => kernel === "batchNormFinish").length).toBe(2);
  });
});

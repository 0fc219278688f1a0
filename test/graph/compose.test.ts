import { describe, expect, it } from "vitest";
import { define, gradients, Graph, Program, type Value } from "../../src/graph/index.js";
import { add } from "../../src/ops/elementwise/add.js";
import { multiply } from "../../src/ops/elementwise/multiply.js";
import { scale } from "../../src/ops/elementwise/scale.js";
import { testEngine } from "../kernel.js";

const shape = ({ x }: { readonly x: Value }): { y: readonly number[] } => ({ y: x.shape });

/** x² without kernels of its own. */
const square = define({ name: "square", inputs: ["x"], shape, compose: ({ x }) => ({ y: multiply(x, x) }) });
/** The same with a kernel, but without a gradient of its own. */
const fastSquare = define({
  name: "fastSquare",
  inputs: ["x"],
  shape,
  compose: ({ x }) => ({ y: multiply(x, x) }),
  pointwise: ({ inputs: { x } }) => ({ name: "multiply", operands: [x, x] }),
});
/** Its meaning is its input, with and without a kernel. */
const identity = define({ name: "identity", inputs: ["x"], shape, compose: ({ x }) => ({ y: x }) });
const fastIdentity = define({
  name: "fastIdentity",
  inputs: ["x"],
  shape,
  compose: ({ x }) => ({ y: x }),
  lower: (emit, { inputs: { x }, outputs: { y } }) => emit.record("copy", { x, y, bytes: y.bytes }),
});
/** Composed of an operation that is composed itself. */
const fourth = define({
  name: "fourth",
  inputs: ["x"],
  shape,
  compose: ({ x }) => ({ y: square.apply({ x: square.apply({ x }).y }).y }),
});

describe("an operation that other operations compose", async () => {
  const engine = await testEngine("debug");

  function valueAndGradients(build: (x: Value) => Value, at: readonly number[]): number[][] {
    const graph = new Graph();
    const x = graph.input([at.length], "x");
    const y = build(x);
    const [first] = gradients(y, [x]) as [Value];
    const [second] = gradients(multiply(first, x), [x]) as [Value];
    const program = new Program(engine, graph, { outputs: [y, first, second] });
    program.write(x, at);
    program.run();
    const results = [y, first, second].map((value) => [...program.read(value)]);
    program.dispose();
    return results;
  }

  it.each([
    ["without kernels", square],
    ["with a kernel", fastSquare],
  ])("%s has the value and the gradients of its composition", (_, operation) => {
    // y = x², y′ = 2x, (x·y′)′ = 4x.
    const [y, first, second] = valueAndGradients((x) => operation.apply({ x }).y, [1, -2, 3]);
    expect(y).toEqual([1, 4, 9]);
    expect(first).toEqual([2, -4, 6]);
    expect(second).toEqual([4, -8, 12]);
  });

  it("may be composed of others such", () => {
    // y = x⁴, y′ = 4x³, (x·y′)′ = 16x³.
    const [y, first, second] = valueAndGradients((x) => fourth.apply({ x }).y, [1, -2]);
    expect([y, first, second]).toEqual([
      [1, 16],
      [4, -32],
      [16, -128],
    ]);
  });

  it.each([
    ["without kernels", identity],
    ["with a kernel", fastIdentity],
  ])("%s may mean its input, whose gradient has other contributions too", (_, operation) => {
    // y = x + 3x.
    const build = (x: Value): Value => add(operation.apply({ x }).y, scale(x, 3));
    expect(valueAndGradients(build, [1, 2]).slice(0, 2)).toEqual([
      [4, 8],
      [4, 4],
    ]);
  });
});

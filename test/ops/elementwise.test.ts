import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError } from "../../src/engine/index.js";
import { Graph, Program, type Value } from "../../src/graph/index.js";
import { ops } from "../../src/index.js";
import { checkGradient } from "../gradient.js";
import { testEngine } from "../kernel.js";

describe("operands of elementwise operations", () => {
  const graph = new Graph();
  const x = graph.input([2], "x");
  const integers = graph.input([2], "i", "i32");
  const three = graph.input([3], "three");

  it.each<readonly [what: string, apply: () => Value, message: RegExp]>([
    ["a fraction with integers", () => ops.add(integers, 0.5), /add: b must be a whole number .* got 0\.5/],
    ["a fraction as bound of integers", () => ops.clamp(integers, { min: 0.5 }), /clamp: min must be a whole number/],
    ["a number beyond int32", () => ops.less(2 ** 31, integers), /less: a must be a whole number/],
    ["integers with floats", () => ops.floorDivide(x, integers), /i holds int32 and x float32; convert one/],
    ["integers to a power", () => ops.pow(integers, 2), /pow: wants float32, i holds int32/],
    ["integers that might be NaN", () => ops.isNaN(integers), /isNaN: wants float32/],
    ["a sign of truth values", () => ops.sign(ops.less(x, 0)), /sign: the output of less holds truth values/],
    ["two numbers", () => ops.floorDivide(1, 2), /floorDivide: a must be a value/],
    ["a number to clamp between values", () => ops.clamp(5 as unknown as Value, { min: x }), /clamp wants values/],
    ["another option", () => ops.clamp(x, { min: x, mx: 3 } as object), /did you mean max/],
  ])("are refused where they do not fit: %s", (_, apply, message) => {
    expect(apply).toThrow(ArgumentError);
    expect(apply).toThrow(message);
  });

  it("are refused where they do not broadcast, the bounds of clamp too", () => {
    expect(() => ops.clamp(x, { max: three })).toThrow(ShapeError);
    expect(() => ops.where(ops.less(x, 0), three, 1)).toThrow(ShapeError);
  });
});

describe("a number as exponent", async () => {
  const engine = await testEngine();

  it.each([-3, -2, -1, -0.5, 0, 0.5, 1, 1.7, 2, 3, 4])("of %s gives powers and their gradients", (exponent) => {
    checkGradient(
      engine,
      [{ shape: [9] }],
      ([x]) => ops.pow(ops.add(ops.scale(x!, 0.5), 2), exponent),
      ([x]) => x!.map((value) => (0.5 * value + 2) ** exponent),
    );
  });

  it("costs no record of its own, forward or backward", () => {
    const graph = new Graph();
    const x = graph.input([100], "x", "f32", true);
    const y = ops.pow(x, 1.7);
    const program = new Program(engine, graph, { outputs: [y], backward: { from: y }, gradients: [x] });
    expect(program.explain().records.map(({ kernel }) => kernel)).toEqual(["pointwise", "pointwise"]);
    program.dispose();
  });
});

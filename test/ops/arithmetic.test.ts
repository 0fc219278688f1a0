import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError } from "../../src/engine/index.js";
import { Graph, Program } from "../../src/graph/index.js";
import { add } from "../../src/ops/elementwise/add.js";
import { multiply } from "../../src/ops/elementwise/multiply.js";
import { flatten, reshape } from "../../src/ops/structure/reshape.js";
import { scale } from "../../src/ops/elementwise/scale.js";
import { subtract } from "../../src/ops/elementwise/subtract.js";
import { checkGradient } from "../gradient.js";
import { testEngine } from "../kernel.js";

describe("arithmetic of values of equal shape", async () => {
  const engine = await testEngine();

  it("sums the gradients of a value that is used several times", () => {
    checkGradient(
      engine,
      [{ shape: [9] }],
      ([x]) => add(multiply(x!, x!), subtract(x!, scale(x!, 3))),
      ([x]) => x!.map((value) => value * value - 2 * value),
    );
  });

  it("refuses operands of different shapes and a factor that is not finite, saying what it got", () => {
    const graph = new Graph();
    const [a, b] = [graph.input([2, 3], "a"), graph.input([3, 2], "b")];
    for (const operation of [add, subtract, multiply]) {
      expect(() => operation(a, b)).toThrow(ShapeError);
      expect(() => operation(a, b)).toThrow(/a, \[2, 3\]; b: b, \[3, 2\]/);
    }
    expect(() => scale(a, NaN)).toThrow(ArgumentError);
  });
});

describe("reshape", async () => {
  const engine = await testEngine();

  it("passes values and gradients through under another shape", () => {
    checkGradient(
      engine,
      [{ shape: [2, 3, 4] }],
      ([x]) => scale(flatten(reshape(scale(x!, 2), [4, 3, 2])), 3),
      ([x]) => x!.map((value) => value * 6),
    );
  });

  it("emits no record: its output is the memory of its input", () => {
    const graph = new Graph();
    const x = graph.input([2, 3, 4], "x");
    const y = flatten(x);
    expect(y.shape).toEqual([2, 12]);
    const program = new Program(engine, graph, { outputs: [y] });
    expect(program.linked.length).toBe(0);
    expect(program.bufferOf(y).address).toBe(program.bufferOf(x).address);
    program.dispose();
    expect(flatten(graph.input([5], "x")).shape).toEqual([5, 1]);
    expect(flatten(graph.input([0, 3], "x")).shape).toEqual([0, 3]);
  });

  it("refuses another number of elements and a value without axes", () => {
    const graph = new Graph();
    const x = graph.input([2, 3], "x");
    expect(() => reshape(x, [7])).toThrow(ShapeError);
    expect(() => reshape(x, [-2, -3])).toThrow(/\[-2, -3\]/);
    expect(() => flatten(graph.input([], "scalar"))).toThrow(ShapeError);
  });
});

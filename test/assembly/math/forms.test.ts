import { describe, it } from "vitest";
import { Graph, Program, type Value } from "../../../src/graph/index.js";
import { ops } from "../../../src/index.js";
import { expectIdentical } from "../../expect.js";
import { testedBuilds, testEngine } from "../../kernel.js";
import { randomFloats } from "../../random.js";

/** Functions with a shorter form where 16 elements in a row are ordinary numbers, and such numbers. */
const functions: readonly (readonly [name: string, f: (x: Value) => Value, scale: number, shift: number])[] = [
  ["exp", ops.exp, 87, 0],
  ["sigmoid", ops.sigmoid, 16, 0],
  ["expm1", ops.expm1, 60, 0],
  ["log", ops.log, 50, 50],
  ["log1p", ops.log1p, 0.999, 0],
  ["log1p", ops.log1p, 50, 50],
];

describe.each(testedBuilds)("a function with two forms (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each(functions)("%s gives the same bits beside an extreme neighbour", (_, f, scale, shift) => {
    const graph = new Graph();
    const x = graph.input([16 * 500], "x");
    const y = f(x);
    const program = new Program(engine, graph, { outputs: [y] });
    const computed = (data: Float32Array): Float32Array => {
      program.write(x, data);
      program.run();
      return program.read(y).filter((_, i) => i % 16 !== 5);
    };
    const ordinary = randomFloats(x.size).map((value) => scale * value + shift);
    const disturbed = ordinary.map((value, i) => (i % 16 === 5 ? [NaN, Infinity, -Infinity][i % 3]! : value));
    expectIdentical(computed(disturbed), computed(ordinary));
    program.dispose();
  });
});

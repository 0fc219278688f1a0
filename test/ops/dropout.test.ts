import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../src/engine/index.js";
import { Graph, Program } from "../../src/graph/index.js";
import { add } from "../../src/ops/add.js";
import { dropout } from "../../src/ops/dropout.js";
import { expectIdentical } from "../expect.js";
import { testEngine } from "../kernel.js";
import { randomFloats } from "../random.js";

describe("dropout", async () => {
  const engine = await testEngine();

  it("masks the gradient as it masked the values; each node and each step has a mask of its own", () => {
    const graph = new Graph();
    const x = graph.input([40, 25], "x", "f32", true);
    const [first, second] = [dropout(x, 0.3), dropout(x, 0.3)];
    const sum = add(first, second);
    const upstream = graph.input(x.shape, "upstream");
    const program = new Program(engine, graph, {
      outputs: [first, second, sum],
      backward: { from: sum, gradient: upstream },
      gradients: [x],
    });
    program.scalars.setInteger("dropoutSeed", 5);
    program.write(x, new Float32Array(1000).fill(1));
    const dy = randomFloats(1000);
    program.write(upstream, dy);
    const seen: string[] = [];
    for (const step of [0, 1, 0]) {
      program.scalars.setInteger("dropoutStep", step);
      program.run();
      const [a, b] = [program.read(first), program.read(second)];
      seen.push(a.join(), b.join());
      const factor = Math.fround(1 / 0.7);
      for (const value of [...a, ...b]) expect([0, factor]).toContain(value);
      expectIdentical(
        program.readGradient(x),
        dy.map((value, i) => Math.fround(value * b[i]!) + Math.fround(value * a[i]!)),
      );
    }
    expect(new Set(seen).size).toBe(4);
    expect(seen.slice(4)).toEqual(seen.slice(0, 2));
    program.release();
  });

  it("refuses a probability outside [0, 1)", () => {
    const x = new Graph().input([3], "x");
    for (const probability of [-0.1, 1, NaN]) expect(() => dropout(x, probability)).toThrow(ArgumentError);
  });
});

import { describe, expect, it } from "vitest";
import { Graph, Program } from "../../src/graph/index.js";
import { dropout } from "../../src/ops/regularization/dropout.js";
import { testEngine } from "../kernel.js";
import { randomFloats } from "../random.js";

describe("dropout", async () => {
  const engine = await testEngine();

  it("passes gradients where it passed values, with the same scale, and draws anew with each step", () => {
    const graph = new Graph();
    const x = graph.input([1000], "x", "f32", true);
    const upstream = graph.input([1000], "upstream");
    const first = dropout(x, 0.4);
    const y = dropout(first, 0.25);
    const program = new Program(engine, graph, {
      outputs: [first, y],
      backward: { from: y, gradient: upstream },
      gradients: [x],
    });
    program.scalars.setInteger("dropoutSeed", 7);
    program.scalars.setInteger("dropoutStep", 1);
    program.write(x, new Float32Array(1000).fill(1));
    const dy = randomFloats(1000);
    program.write(upstream, dy);
    program.run();
    const [inner, outer] = [program.read(first), program.read(y)];
    const dx = program.readGradient(x);
    for (let i = 0; i < 1000; i++) expect(Math.abs(dx[i]! - outer[i]! * dy[i]!)).toBeLessThan(1e-6);
    const dropped = inner.filter((value) => value === 0).length;
    expect(dropped).toBeGreaterThan(340);
    expect(dropped).toBeLessThan(460);
    expect([...outer].some((value, i) => value === 0 && inner[i] !== 0)).toBe(true);
    program.scalars.setInteger("dropoutStep", 2);
    program.run();
    expect([...program.read(first)]).not.toEqual([...inner]);
  });
});

import { describe, expect, it } from "vitest";
import { Random, ShapeError } from "../../src/engine/index.js";
import { Graph, Program, type Shape, sizeOf, type Value } from "../../src/graph/index.js";
import { dropout } from "../../src/ops/regularization/dropout.js";
import { alphaDropout, channelDropout, featureAlphaDropout } from "../../src/ops/regularization/dropoutVariants.js";
import { expectIdentical } from "../expect.js";
import { testEngine } from "../kernel.js";
import { randomFloats } from "../random.js";

const byChannels = [
  ["channelDropout", channelDropout],
  ["featureAlphaDropout", featureAlphaDropout],
] as const;
const all = [["dropout", dropout], ["alphaDropout", alphaDropout], ...byChannels] as const;

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

  /** What a function of x makes of ones, or of other numbers, by a seed. */
  function drawn(
    f: (x: Value) => Value,
    shape: Shape,
    data: Float32Array = new Float32Array(sizeOf(shape)).fill(1),
  ): Float32Array {
    const graph = new Graph();
    const x = graph.input(shape, "x");
    const y = f(x);
    const program = new Program(engine, graph, { outputs: [y] });
    program.scalars.setInteger("dropoutSeed", 5);
    program.scalars.setInteger("dropoutStep", 1);
    program.write(x, data);
    program.run();
    return program.read(y);
  }

  it.each(all)("%s drops nothing with p = 0, all with p = 1", (_, f) => {
    const shape = [3, 2, 5];
    const data = randomFloats(30);
    expectIdentical(
      drawn((x) => f(x, 0), shape, data),
      data,
    );
    expect(drawn((x) => f(x, 1), shape, data).every((value) => value === 0)).toBe(true);
  });

  it.each(byChannels)("%s drops whole channels of each sample, and passes their gradients", (_, f) => {
    const [batch, length, channels] = [40, 7, 10];
    const y = drawn((x) => f(x, 0.3), [batch, length, channels]);
    const kinds = new Set(y);
    expect(kinds.size).toBe(2);
    const least = Math.min(...kinds);
    let dropped = 0;
    for (let b = 0; b < batch; b++) {
      for (let c = 0; c < channels; c++) {
        const channel = Array.from({ length }, (_, i) => y[(b * length + i) * channels + c]!);
        expect(new Set(channel).size).toBe(1);
        if (channel[0] === least) dropped++;
      }
    }
    expect(Math.abs(dropped - 0.3 * batch * channels)).toBeLessThan(4 * Math.sqrt(0.21 * batch * channels));
  });

  it.each([
    ["alphaDropout", alphaDropout],
    ["featureAlphaDropout", featureAlphaDropout],
  ] as const)(
    "%s makes of what it drops the limit of SELU, scaled and shifted, and keeps mean and variance",
    (_, f) => {
      const [p, alpha] = [0.2, 1.7580993408473766];
      const a = 1 / Math.sqrt((alpha * alpha * p + 1) * (1 - p));
      const size = 40_000;
      const random = new Random(3);
      const x = Float32Array.from({ length: size }, () => random.normal());
      const y = drawn((value) => f(value, p), [size, 1], x);
      const isKept = Array.from(y, (value, i) => Math.abs(value - (a * x[i]! + a * alpha * p)) < 1e-5);
      y.forEach((value, i) => {
        if (!isKept[i]) expect(Math.abs(value + a * alpha * (1 - p))).toBeLessThan(1e-6);
      });
      const mean = y.reduce((sum, value) => sum + value, 0) / size;
      const variance = y.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size;
      expect(Math.abs(isKept.filter(Boolean).length / size - 0.8)).toBeLessThan(0.01);
      expect(Math.abs(mean)).toBeLessThan(0.03);
      expect(Math.abs(variance - 1)).toBeLessThan(0.03);
    },
  );

  it("by channels wants a batch and channels", () => {
    expect(() => channelDropout(new Graph().input([3], "x"), 0.5)).toThrow(ShapeError);
  });
});

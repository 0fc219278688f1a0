import { describe, expect, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { randomFloats } from "../../random.js";

describe.each(testedBuilds)("dropout (%s)", async (build) => {
  const engine = await testEngine(build);
  const run = (x: Float32Array, p: number, { seed = 1, step = 0, stream = 0, threads = 1 } = {}): Float32Array => {
    const fields = {
      x,
      y: new Output(x.length),
      seed: Uint32Array.of(seed),
      step: Uint32Array.of(step),
      count: x.length,
      stream,
      threshold: Math.round(p * 2 ** 32) - 2 ** 31,
      factor: 1 / (1 - p),
    };
    return runKernel(engine, "dropout", fields, { threads }).y!;
  };
  /** 1 where an element was kept. */
  const kept = (count: number, p: number, options = {}): Float32Array =>
    run(new Float32Array(count).fill(1), p, options).map((value) => (value === 0 ? 0 : 1));

  it.each([0, 1, 3, 4, 5, 17, 64, 1009])(
    "multiplies %i elements by 0 or 1/(1 − p), whatever the number of threads",
    (n) => {
      const x = randomFloats(n);
      const once = run(x, 0.25);
      const factor = Math.fround(1 / 0.75);
      once.forEach((value, i) => expect([0, Math.fround(x[i]! * factor)]).toContain(Math.abs(value) === 0 ? 0 : value));
      for (const threads of [2, 3, 7]) expectIdentical(run(x, 0.25, { threads }), once);
      expectIdentical(run(x.slice(0, n >> 1), 0.25), once.subarray(0, n >> 1));
    },
  );

  it("keeps all with p = 0, and NaN and Infinity become NaN where dropped", () => {
    const x = randomFloats(100);
    expectIdentical(run(x, 0), x);
    const y = run(new Float32Array(1000).fill(Infinity), 0.5);
    expect(y.every((value) => value === Infinity || Number.isNaN(value))).toBe(true);
    expect(run(new Float32Array(100).fill(NaN), 0.5).every(Number.isNaN)).toBe(true);
  });

  it.each([0.1, 0.5, 0.9])("drops a share of %d within 4 standard deviations, in every block of 1024 within 6", (p) => {
    const count = 1 << 20;
    const mask = kept(count, p, { seed: 7 });
    const total = mask.reduce((a, b) => a + b);
    expect(Math.abs(total - count * (1 - p))).toBeLessThan(4 * Math.sqrt(count * p * (1 - p)));
    for (let start = 0; start < count; start += 1024) {
      const sum = mask.subarray(start, start + 1024).reduce((a, b) => a + b);
      expect(Math.abs(sum - 1024 * (1 - p))).toBeLessThan(6 * Math.sqrt(1024 * p * (1 - p)));
    }
  });

  it("draws independent numbers for neighbouring elements, other steps, streams and seeds", () => {
    const count = 1 << 18;
    const mask = kept(count, 0.5, { seed: 3, step: 5, stream: 2 });
    const limit = 4.5 * Math.sqrt(count / 4);
    const agreement = (other: Float32Array, lag: number): number => {
      let equal = 0;
      for (let i = 0; i + lag < count; i++) equal += mask[i + lag] === other[i] ? 1 : 0;
      return Math.abs(equal - (count - lag) / 2);
    };
    for (const lag of [1, 2, 3, 4, 7, 8, 16, 28, 64, 256, 784, 1024]) expect(agreement(mask, lag)).toBeLessThan(limit);
    for (const other of [
      { seed: 3, step: 6, stream: 2 },
      { seed: 3, step: 5, stream: 3 },
      { seed: 3, step: 6, stream: 1 },
      { seed: 4, step: 5, stream: 2 },
      { seed: 2, step: 6, stream: 2 },
      { seed: 3, step: 5 + 2 ** 31, stream: 2 },
    ]) {
      const mirrored = kept(count, 0.5, other);
      for (const lag of [0, 1, 2, 4, 16]) expect(agreement(mirrored, lag)).toBeLessThan(limit);
    }
  });

  it("takes every pattern of 8 neighbours equally often (χ² with 255 degrees of freedom)", () => {
    const count = 1 << 20;
    const mask = kept(count, 0.5, { seed: 11 });
    const counts = new Float64Array(256);
    for (let i = 0; i < count; i += 8) {
      let pattern = 0;
      for (let j = 0; j < 8; j++) pattern = 2 * pattern + mask[i + j]!;
      counts[pattern]!++;
    }
    const mean = count / 8 / 256;
    const chiSquare = counts.reduce((sum, value) => sum + (value - mean) ** 2 / mean, 0);
    expect(chiSquare).toBeGreaterThan(165);
    expect(chiSquare).toBeLessThan(360);
  });

  it("with consecutive steps drops each element about as often as any other", () => {
    const count = 256;
    const steps = 2000;
    const sums = new Float64Array(count);
    for (let step = 0; step < steps; step++) kept(count, 0.5, { step }).forEach((value, i) => (sums[i]! += value));
    for (const sum of sums) expect(Math.abs(sum - steps / 2)).toBeLessThan(5 * Math.sqrt(steps / 4));
  });
});

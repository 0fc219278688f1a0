import { describe, expect, it } from "vitest";
import { ArgumentError, Random } from "../../src/engine/index.js";

describe("Random", () => {
  it("is xoshiro128**: agrees with the reference recurrence in BigInt arithmetic", () => {
    const random = new Random(42);
    const mask = 0xffffffffn;
    const rotate = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & mask;
    const s: bigint[] = [];
    let x = 42n;
    for (let i = 0; i < 4; i++) {
      x = (x + 0x9e3779b9n) & mask;
      let z = ((x ^ (x >> 16n)) * 0x21f0aaadn) & mask;
      z = ((z ^ (z >> 15n)) * 0x735a2d97n) & mask;
      s.push(z ^ (z >> 15n));
    }
    for (let i = 0; i < 100; i++) {
      const want = (rotate((s[1]! * 5n) & mask, 7n) * 9n) & mask;
      const t = (s[1]! << 9n) & mask;
      s[2]! ^= s[0]!;
      s[3]! ^= s[1]!;
      s[1]! ^= s[2]!;
      s[0]! ^= s[3]!;
      s[2]! ^= t;
      s[3] = rotate(s[3]!, 11n);
      expect(BigInt(random.uint32())).toBe(want);
    }
  });

  it("draws uniform numbers in [0, 1) with mean ½ and variance 1/12 within 4 standard errors", () => {
    const random = new Random(1);
    const draws = Array.from({ length: 100_000 }, () => random.uniform());
    expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
    expect(Math.abs(mean(draws) - 0.5)).toBeLessThan(0.0037);
    expect(Math.abs(mean(draws.map((draw) => (draw - 0.5) ** 2)) - 1 / 12)).toBeLessThan(0.001);
  });

  it("draws normal numbers whose first four moments are 0, 1, 0, 3 within 5 standard errors", () => {
    const random = new Random(2);
    const draws = Array.from({ length: 200_000 }, () => random.normal());
    expect(Math.abs(mean(draws))).toBeLessThan(0.0112);
    expect(Math.abs(mean(draws.map((x) => x ** 2)) - 1)).toBeLessThan(0.016);
    expect(Math.abs(mean(draws.map((x) => x ** 3)))).toBeLessThan(0.044);
    expect(Math.abs(mean(draws.map((x) => x ** 4)) - 3)).toBeLessThan(0.11);
  });

  it("permutes: every index once, and differently from one call to the next", () => {
    const random = new Random(3);
    const first = random.permutation(1000);
    const second = random.permutation(1000);
    expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect([...second]).not.toEqual([...first]);
    expect([...new Random(3).permutation(1000)]).toEqual([...first]);
  });

  it.each([-1, 1.5, NaN, 2 ** 32])("rejects the seed %d", (seed) => {
    expect(() => new Random(seed)).toThrow(ArgumentError);
  });
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

import { describe, expect, it } from "vitest";
import { Random } from "../../src/engine/index.js";
import * as initializers from "../../src/layers/initializers.js";

const shape = [3, 3, 16, 64];
const fanIn = 144;
const fanOut = 576;

const cases: [name: string, initializer: initializers.Initializer, deviation: number, bound: number][] = [
  ["kaimingUniform", initializers.kaimingUniform(), Math.sqrt(2 / fanIn), Math.sqrt(6 / fanIn)],
  ["kaimingNormal", initializers.kaimingNormal(), Math.sqrt(2 / fanIn), Infinity],
  ["xavierUniform", initializers.xavierUniform(), Math.sqrt(2 / (fanIn + fanOut)), Math.sqrt(6 / (fanIn + fanOut))],
  ["xavierNormal", initializers.xavierNormal(), Math.sqrt(2 / (fanIn + fanOut)), Infinity],
  ["PyTorch's default", initializers.defaultWeight, Math.sqrt(1 / (3 * fanIn)), 1 / Math.sqrt(fanIn)],
];

describe("initializers", () => {
  it.each(cases)(
    "%s has mean 0, its standard deviation within 3 %, and its bound",
    (_, initializer, deviation, bound) => {
      const draws = initializer(shape, new Random(1));
      expect(draws.length).toBe(9216);
      const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
      const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length;
      expect(Math.abs(mean)).toBeLessThan(0.05 * deviation);
      expect(Math.abs(Math.sqrt(variance) / deviation - 1)).toBeLessThan(0.03);
      expect(Math.max(...draws.map(Math.abs))).toBeLessThanOrEqual(Math.fround(bound));
    },
  );
});

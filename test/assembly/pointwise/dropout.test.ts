import { describe, expect, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { runInstruction } from "../../instruction.js";
import { testedBuilds, testEngine } from "../../kernel.js";
import { philox } from "../../oracle/philox.js";
import { randomFloats } from "../../random.js";

describe("philox, the oracle of these tests", () => {
  // Known answers of the authors' Random123 distribution.
  it("gives the published words for all-zero and all-one inputs", () => {
    expect(philox([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    const ones = 0xffffffff;
    expect(philox([ones, ones, ones, ones], [ones, ones])).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
  });
});

describe.each(testedBuilds)("dropout (%s)", async (build) => {
  const engine = await testEngine(build);
  const seed = Uint32Array.of(0xdeadbeef);
  const step = Uint32Array.of(12345);
  const fields = { seed, step, stream: 3, threshold: Math.round(0.3 * 2 ** 32) };
  const dropout = (x: Float32Array, given: typeof fields, threads = 1): Float32Array => {
    const [scale] = new Uint32Array(Float32Array.of(1 / 0.7).buffer);
    const settings = Uint32Array.of(given.stream, given.threshold, scale!);
    return runInstruction(engine, "dropout", [x, given.seed, given.step, settings], { threads });
  };

  it.each([0, 1, 3, 4, 5, 15, 16, 17, 31, 32, 100, 1009])(
    "drops the elements of %i that Philox says, for any number of threads",
    (count) => {
      const x = randomFloats(count);
      const want = x.map((value, i) => {
        const [group, word, lane] = [Math.floor(i / 16), Math.floor((i % 16) / 4), i % 4];
        const words = philox([4 * group + lane, 12345, 3, 0], [0xdeadbeef, 0]);
        return words[word]! >= fields.threshold ? value * Math.fround(1 / 0.7) : 0;
      });
      for (const threads of [1, 2, 3, 7]) {
        const y = dropout(x, fields, threads);
        expectIdentical(y.map(positiveZero), want.map(positiveZero));
      }
    },
  );

  it("keeps NaN, dropped or not", () => {
    const x = new Float32Array(35).fill(NaN);
    expect(dropout(x, fields).every(Number.isNaN)).toBe(true);
  });

  it("keeps a fraction 1 − p within 4 standard errors, and another mask in another step, stream and seed", () => {
    const count = 100_000;
    const x = new Float32Array(count).fill(1);
    const masks = [
      fields,
      { ...fields, step: Uint32Array.of(12346) },
      { ...fields, stream: 4 },
      { ...fields, seed: Uint32Array.of(1) },
    ].map((variant) => dropout(x, variant));
    for (const mask of masks) {
      const kept = mask.filter((value) => value !== 0).length / count;
      expect(Math.abs(kept - 0.7)).toBeLessThan(0.0058);
    }
    const agreement = masks.slice(1).map((mask) => mask.filter((value, i) => value === masks[0]![i]).length / count);
    // Independent masks agree where both keep or both drop: 0.49 + 0.09.
    for (const fraction of agreement) expect(Math.abs(fraction - 0.58)).toBeLessThan(0.0063);
  });
});

function positiveZero(value: number): number {
  return value === 0 ? 0 : value;
}

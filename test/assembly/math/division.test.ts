import { describe, expect, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { runInstruction } from "../../instruction.js";
import { testedBuilds, testEngine } from "../../kernel.js";
import { floatsByBits, ulp } from "../../oracle/special.js";

/** Float32 numbers as integers, in units of the smallest. */
const exact = (x: number): bigint => BigInt(x * 2 ** 149);

function floorOf(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return quotient * b !== a && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

/** Finite numbers other than 0, of all sizes, and some whose quotients are integers or miss them by a last bit. */
function pairs(): readonly (readonly [number, number])[] {
  const isUseful = (x: number): boolean => Number.isFinite(x) && x !== 0;
  const some = [...floatsByBits(23_456_789)].filter(isUseful);
  const near = [...floatsByBits(98_765, 0x3f800000, 0x40800000)].flatMap((b, i) => {
    const product = Math.fround(b * ((i % 97) + 1) * 3 ** (i % 11));
    return [product, product - ulp(product), product + ulp(product)].map((a) => [a, b] as const);
  });
  return [...some.flatMap((a) => some.map((b) => [a, b] as const)), ...near];
}

describe.each(testedBuilds)("division without rest (%s)", async (build) => {
  const engine = await testEngine(build);
  const given = pairs();
  const [a, b] = [0, 1].map((i) => Float32Array.from(given, (pair) => pair[i]!)) as [Float32Array, Float32Array];

  it("floorDivide is the exact quotient rounded down, and then to float32", () => {
    runInstruction(engine, "floorDivide", [a, b]).forEach((value, i) => {
      const quotient = Number(floorOf(exact(a[i]!), exact(b[i]!)));
      const rounded = Math.fround(quotient);
      // Beyond 2²⁸ the quotient is rounded to float64 first.
      const isRight =
        Math.abs(quotient) < 2 ** 28 ? value === rounded : Math.abs(value - quotient) <= 0.51 * ulp(rounded);
      if (!isRight && value !== rounded) expect.fail(`⌊${a[i]} / ${b[i]}⌋ is ${value}, want ${rounded}`);
    });
  });

  it("remainder gives an element the same bits whatever stands beside it", () => {
    const together = runInstruction(engine, "remainder", [a, b]);
    const reversed = runInstruction(engine, "remainder", [a.slice().reverse(), b.slice().reverse()]);
    const spread = [a, b].map((x, i) =>
      Float32Array.from({ length: 4 * 1000 }, (_, at) => (at % 4 ? [1e30, 1][i]! : x[at / 4]!)),
    );
    expectIdentical(reversed.reverse(), together);
    runInstruction(engine, "remainder", spread).forEach((value, at) => {
      if (at % 4 === 0) expect(Object.is(value, together[at / 4])).toBe(true);
    });
  });

  it("remainder is what that leaves, rounded to float32, with the sign of the divisor", () => {
    runInstruction(engine, "remainder", [a, b]).forEach((value, i) => {
      const [dividend, divisor] = [exact(a[i]!), exact(b[i]!)];
      const rest = Math.fround(Number(dividend - floorOf(dividend, divisor) * divisor) * 2 ** -100 * 2 ** -49);
      if (value !== rest || (rest !== 0 && rest < 0 !== b[i]! < 0)) {
        expect.fail(`${a[i]} modulo ${b[i]} is ${value}, want ${rest}`);
      }
    });
  });
});

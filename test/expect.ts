import { expect } from "vitest";

/** Fails unless every |actual − expected| ≤ absolute + relative · |expected|. NaN fails, and so does another length. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative = 0, absolute = 0 }: { relative?: number; absolute?: number },
): void {
  expect(actual.length, "length").toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (!(difference <= absolute + relative * Math.abs(expected[i]!))) {
      expect.fail(`element ${i}: got ${actual[i]}, want ${expected[i]} (off by ${difference})`);
    }
  }
}

/** Fails unless both hold the same numbers; −0 and 0 differ, NaN equals NaN. */
export function expectIdentical(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length, "length").toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    if (!Object.is(actual[i], expected[i])) expect.fail(`element ${i}: got ${actual[i]}, want ${expected[i]}`);
  }
}

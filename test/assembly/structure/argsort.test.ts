import { describe, expect, it } from "vitest";
import { constants } from "../../../src/engine/index.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { randomFloats, randomIntegers } from "../../random.js";

/** Where the elements of each line stand once they are sorted, by JavaScript's own stable sort. */
function sortedPlaces(x: ArrayLike<number>, A: number, K: number, C: number, descending: boolean): number[] {
  const y = new Array<number>(A * K * C);
  for (let line = 0; line < A * C; line++) {
    const start = Math.floor(line / C) * K * C + (line % C);
    const value = (k: number): number => x[start + k * C]!;
    const order = (i: number, j: number): number => {
      const [a, b] = [value(i), value(j)];
      if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
      return a < b ? -1 : Number(a > b);
    };
    const places = Array.from({ length: K }, (_, k) => k).sort((i, j) => order(i, j) * (descending ? -1 : 1));
    places.forEach((place, k) => (y[start + k * C] = place));
  }
  return y;
}

const special = [NaN, Infinity, -Infinity, 0, -0, 1e-40, -1e-40, 2 ** -149, 1, -1, 3e38, -3e38];

describe.each(testedBuilds)("argsort (%s)", async (build) => {
  const engine = await testEngine(build);

  // On both sides of the length from which keys are distributed by their bytes.
  it.each([
    [1, 1, 1],
    [1, 40, 1],
    [1, 41, 1],
    [3, 7, 2],
    [2, 300, 5],
    [1, 5000, 1],
    [0, 3, 2],
    [2, 0, 3],
    [2, 3, 0],
  ])("orders the middle of [%i, %i, %i], equal ones as they stood, floats and integers", (A, K, C) => {
    const floats = randomFloats(A * K * C).map((value, i) => {
      return i % 5 === 0 ? special[(i / 5) % special.length]! : Math.round(40 * value) / 8;
    });
    const integers = Int32Array.from(randomIntegers(A * K * C, 2, 50), (value, i) =>
      i % 3 === 0 ? value << 25 : value,
    );
    for (const descending of [false, true]) {
      for (const [x, isInteger] of [
        [floats, false],
        [integers, true],
      ] as const) {
        const expected = sortedPlaces(x, A, K, C, descending);
        for (const threads of [1, 2, 3, 7]) {
          const slots = Math.min(threads, 2);
          const scratch = new Output((slots * (16 * K + constants.argsortTableBytes)) / 4);
          const fields = { x, y: new Output(x.length), scratch, A, K, C, slots, descending, isInteger };
          const result = runKernel(engine, "argsort", fields, { threads });
          expect([...new Int32Array(result.bytes("y").buffer)]).toEqual(expected);
        }
      }
    }
  });
});

import { describe, expect, it } from "vitest";
import { Random } from "../../../src/engine/index.js";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { randomIntegers } from "../../random.js";

/** Outer length, length of the axis, inner length, and how many indices. */
const shapes = [
  [1, 5, 1, 9],
  [2, 3, 5, 4],
  [3, 7, 1, 7],
  [1, 4, 19, 6],
  [2, 2, 67, 3],
  [1, 33, 16, 50],
  [5, 1, 3, 2],
  [0, 3, 4, 2],
  [2, 3, 0, 2],
  [2, 3, 4, 0],
  [1, 2, 40_001, 3],
] as const;
const threadCounts = [1, 2, 3, 7];

/** Indices of both signs. */
function indicesBelow(length: number, count: number): Int32Array {
  const random = new Random(3);
  return Int32Array.from({ length: count }, () => random.below(2 * length) - length);
}

describe.each(testedBuilds)("what indices pick (%s)", async (build) => {
  const engine = await testEngine(build);

  describe.each(shapes)("along the middle of [%i, %i, %i], %i of them", (A, K, C, I) => {
    const shape = { A, K, C, I };
    const indices = indicesBelow(K, I);
    const indexOf = (i: number): number => (indices[i]! + K) % K;
    const each = indicesBelow(K, A * I * C);
    const eachOf = (place: number): number => (each[place]! + K) % K;
    const x = randomIntegers(A * K * C, 1, 100);
    const dy = randomIntegers(A * I * C, 2, 100);
    /** The place in [A, K, C] that a place of [A, I, C] picks. */
    const picked = (place: number, k: number): number => (Math.floor(place / (I * C)) * K + k) * C + (place % C);
    const taken = Array.from(dy, (_, place) => picked(place, indexOf(Math.floor(place / C) % I)));
    const gathered = Array.from(dy, (_, place) => picked(place, eachOf(place)));

    it.each([
      ["take", indices, taken],
      ["gatherElements", each, gathered],
    ] as const)("is put in its place by %s, of every width of elements", (kernel, indices, places) => {
      for (const threads of threadCounts) {
        const words = runKernel(
          engine,
          kernel,
          { indices, ...shape, x, y: new Output(dy.length), shift: 2 },
          { threads },
        );
        expectIdentical(
          words.y!,
          Float32Array.from(places, (place) => x[place]!),
        );
        for (const shift of [0, 1]) {
          const View = shift === 0 ? Uint8Array : Uint16Array;
          const narrow = new View(Array.from(x, (_, i) => i * 77));
          const bytes = new Uint8Array(narrow.buffer);
          const y = new Uint8Array(dy.length << shift);
          const result = runKernel(
            engine,
            kernel,
            { indices, ...shape, x: bytes, y, shift },
            { threads, inPlace: ["y"] },
          );
          expect([...new View(result.bytes("y").slice().buffer)]).toEqual(places.map((place) => narrow[place]!));
        }
      }
    });

    it.each([
      ["takeBackward", indices, taken, { skipped: -1 }],
      ["gatherElementsBackward", each, gathered, { replaces: false }],
    ] as const)("is where %s adds, floats and integers", (kernel, indices, places, own) => {
      const sums = new Float32Array(x.length);
      places.forEach((place, i) => (sums[place]! += dy[i]!));
      for (const threads of threadCounts) {
        const dx = new Output(x.length);
        const floats = runKernel(engine, kernel, { indices, ...shape, ...own, dy, dx, isInteger: false }, { threads });
        expectIdentical(floats.dx!, sums);
        const integers = { indices, ...shape, ...own, dy: Int32Array.from(dy), dx, isInteger: true };
        const result = runKernel(engine, kernel, integers, { threads });
        expect([...new Int32Array(result.bytes("dx").buffer)]).toEqual([...Int32Array.from(sums)]);
      }
    });
  });

  it.each([
    ["take", {}],
    ["gatherElements", {}],
    ["takeBackward", { skipped: -1 }],
    ["gatherElementsBackward", { replaces: false }],
  ] as const)("%s fails for an index out of range, and says so", (kernel, own) => {
    for (const index of [3, -4, 2 ** 31 - 1, -(2 ** 31)]) {
      const fields = kernel.endsWith("Backward")
        ? { dy: new Float32Array(2), dx: new Output(3), isInteger: false, ...own }
        : { x: new Float32Array(3), y: new Output(2), shift: 2 };
      const given = { indices: Int32Array.of(0, index), A: 1, K: 3, C: 1, I: 2, ...fields };
      expect(() => runKernel(engine, kernel, given)).toThrow(/(take|gather|scatterAdd): an index is out of range/);
    }
  });
});

describe.each(testedBuilds)("cumulativeSum (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each([
    [1, 7, 1],
    [3, 5, 1],
    [2, 6, 3],
    [2, 6, 4],
    [1, 9, 37],
    [2, 0, 3],
    [0, 2, 3],
    [2, 3, 0],
    [1, 1, 5],
  ])("adds along the middle of [%i, %i, %i], forwards and backwards, floats and integers", (A, K, C) => {
    const x = randomIntegers(A * K * C, 1, 100);
    for (const reverse of [false, true]) {
      const sums = Float32Array.from(x, (_, place) => {
        const k = Math.floor(place / C) % K;
        let sum = 0;
        for (let other = 0; other < K; other++) {
          if (reverse ? other >= k : other <= k) sum += x[place + (other - k) * C]!;
        }
        return sum;
      });
      for (const threads of threadCounts) {
        const fields = { y: new Output(x.length), A, K, C, reverse };
        expectIdentical(runKernel(engine, "cumulativeSum", { ...fields, x, isInteger: false }, { threads }).y!, sums);
        const integers = { ...fields, x: Int32Array.from(x), isInteger: true };
        const result = runKernel(engine, "cumulativeSum", integers, { threads });
        expect([...new Int32Array(result.bytes("y").buffer)]).toEqual([...Int32Array.from(sums)]);
      }
    }
  });

  it("adds in float64 and rounds each sum once", () => {
    const x = Float32Array.from({ length: 3000 }, (_, i) => (i % 3 === 0 ? 1e7 : i % 3 === 1 ? 0.3 : -1e7));
    let sum = 0;
    const sums = x.map((value) => (sum += value));
    const fields = { x, y: new Output(3000), A: 1, K: 3000, C: 1, reverse: false, isInteger: false };
    expectIdentical(runKernel(engine, "cumulativeSum", fields).y!, sums);
  });
});

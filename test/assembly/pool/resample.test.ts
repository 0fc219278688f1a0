import { describe, expect, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { randomIntegers } from "../../random.js";

const threadCounts = [1, 2, 3, 7];

/** Entries of a table: the first position, how many, where their weights begin, and the divisor. */
function tableOf(
  entries: readonly (readonly [first: number, count: number, weights: number, divisor: number])[],
): Int32Array {
  const table = new Int32Array(4 * entries.length);
  const floats = new Float32Array(table.buffer);
  entries.forEach(([first, count, weights, divisor], i) => {
    table.set([first, count, weights], 4 * i);
    floats[4 * i + 3] = divisor;
  });
  return table;
}

describe.each(testedBuilds)("sums of neighbours along two axes (%s)", async (build) => {
  const engine = await testEngine(build);
  const [A, H, W, P, Q] = [2, 5, 4, 4, 3];
  const rows = [[0, 1, -1, 1], [0, 3, 0, 1], [4, 0, -1, 1], [1, 4, -1, 2]] as const; // prettier-ignore
  const rowWeights = Float32Array.of(1, -2, 3);
  const columns = [[0, 2, -1, 4], [1, 2, 0, 1], [0, 4, -1, 1]] as const; // prettier-ignore
  const columnWeights = Float32Array.of(2, -1);

  // Whole vectors, parts of them, and none.
  it.each([1, 3, 4, 7, 16, 21, 35])("are exact for small integers in %i channels, on any number of threads", (C) => {
    const x = randomIntegers(A * H * W * C, 1, 16);
    const expected = new Float32Array(A * P * Q * C).map((_, place) => {
      const c = place % C;
      const [q, p, a] = [Math.floor(place / C) % Q, Math.floor(place / (C * Q)) % P, Math.floor(place / (C * Q * P))];
      const [firstRow, rowCount, ofRow, rowDivisor] = rows[p]!;
      const [firstColumn, columnCount, ofColumn, columnDivisor] = columns[q]!;
      let sum = 0;
      for (let i = 0; i < rowCount; i++) {
        for (let j = 0; j < columnCount; j++) {
          const weight = (ofRow < 0 ? 1 : rowWeights[ofRow + i]!) * (ofColumn < 0 ? 1 : columnWeights[ofColumn + j]!);
          sum += weight * x[((a * H + firstRow + i) * W + firstColumn + j) * C + c]!;
        }
      }
      return sum / (rowDivisor * columnDivisor) + 0;
    });
    for (const threads of threadCounts) {
      const tables = { rows: tableOf(rows), rowWeights, columns: tableOf(columns), columnWeights };
      const scratch = new Output(threads * W * C);
      const fields = { x, y: new Output(expected.length), ...tables, scratch, A, H, W, C, P, Q };
      const { y } = runKernel(engine, "resample", fields, { threads });
      expectIdentical(
        y!.map((element) => element + 0),
        expected,
      );
    }
  });

  it("divides by what is no power of two once, so that means of integers are exact", () => {
    const x = Float32Array.of(1, 2, 3, 4, 5, 6);
    const rows = tableOf([[0, 3, -1, 3]]);
    const nothing = { columns: 0, columnWeights: 0, rowWeights: 0, scratch: 0 } as const;
    const fields = { x, y: new Output(2), rows, ...nothing, A: 1, H: 3, W: 1, C: 2, P: 1, Q: 1 };
    expect(Array.from(runKernel(engine, "resample", fields).y!)).toEqual([3, 4]);
  });
});

describe.each(testedBuilds)("the largest of each window along an axis (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each([1, 3, 4, 9])(
    "is found, with the first place that holds it, of %i channels on any number of threads",
    (C) => {
      const [A, K, O, step] = [2, 9, 4, 2];
      const windows = [[0, 1], [0, 3], [1, 4], [8, 1]] as const; // prettier-ignore
      const x = randomIntegers(A * K * C, 1, 3);
      x[4 * C] = NaN;
      x[2 * C] = NaN;
      const winners = Array.from({ length: A * O * C }, (_, place) => {
        const [c, o, a] = [place % C, Math.floor(place / C) % O, Math.floor(place / (C * O))];
        const [first, count] = windows[o]!;
        const at = (position: number): number => x[(a * K + position) * C + c]!;
        const positions = Array.from({ length: count }, (_, i) => first + i * step);
        return positions.reduce((best, next) => (at(next) > at(best) || Number.isNaN(at(next)) ? next : best));
      });
      const largest = winners.map((winner, place) => x[(Math.floor(place / (C * O)) * K + winner) * C + (place % C)]!);
      for (const threads of threadCounts) {
        const table = tableOf(windows.map(([first, count]) => [first, count, -1, 1]));
        const output = { y: new Output(largest.length), winners: new Output(largest.length) };
        const found = runKernel(
          engine,
          "windowMaximum",
          { x, ...output, windows: table, step, A, K, C, O },
          { threads },
        );
        expectIdentical(found.y!, Float32Array.from(largest));
        expect(Array.from(new Int32Array(found.winners!.slice().buffer))).toEqual(winners);
      }
    },
  );
});

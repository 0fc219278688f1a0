import { describe, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { randomIntegers } from "../../random.js";

const shapes = [
  [0, 3],
  [3, 0],
  [1, 1],
  [2, 3],
  [5, 4],
  [7, 10],
  [64, 15],
  [3, 16],
  [33, 17],
  [100, 64],
  [9, 127],
] as const;

describe.each(testedBuilds)("biasGradient (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each(shapes)("sums %i × %i down the columns of each chunk of rows", (rows, columns) => {
    const dy = randomIntegers(rows * columns, 1);
    for (const chunk of [1, 2, 7, 1000]) {
      const chunks = Math.max(Math.ceil(rows / chunk), 1);
      const expected = new Float32Array(chunks * columns);
      dy.forEach((value, i) => (expected[Math.floor(i / columns / chunk) * columns + (i % columns)]! += value));
      for (const threads of [1, 2, 3, 7]) {
        const fields = { dy, y: 0, masked: 0, sums: new Output(expected.length), rows, columns, chunk };
        expectIdentical(runKernel(engine, "biasGradient", fields, { threads }).sums!, expected);
      }
    }
  });

  it.each(shapes)("masks %i × %i by y > 0 and stores the masked gradient, in place too", (rows, columns) => {
    const size = rows * columns;
    const dy = randomIntegers(size, 1);
    const y = randomIntegers(size, 2).map((value) => Math.max(value, 0));
    const expected = dy.map((value, i) => (y[i]! > 0 ? value : 0));
    const sums = new Float32Array(columns);
    expected.forEach((value, i) => (sums[i % columns]! += value));
    for (const threads of [1, 2, 3, 7]) {
      const fields = { y, sums: new Output(columns), rows, columns, chunk: Math.max(rows, 1) };
      const result = runKernel(engine, "biasGradient", { ...fields, dy, masked: new Output(size) }, { threads });
      expectIdentical(result.masked!, expected);
      expectIdentical(result.sums!, sums);
    }
  });

  it("passes NaN of dy, and dy where y is NaN", () => {
    const columns = 23;
    const dy = new Float32Array(columns).fill(2);
    const y = new Float32Array(columns).fill(1);
    for (const at of [0, 17, 22]) dy[at] = NaN;
    for (const at of [3, 18, 21]) y[at] = NaN;
    const fields = { dy, y, masked: new Output(columns), sums: new Output(columns), rows: 1, columns, chunk: 1 };
    const { masked, sums } = runKernel(engine, "biasGradient", fields);
    expectIdentical(masked!, dy);
    expectIdentical(sums!, dy);
  });
});

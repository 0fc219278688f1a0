import { describe, expect, it } from "vitest";
import { expectClose, expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { logSoftmax, softmax } from "../../oracle/loss.js";
import { randomFloats } from "../../random.js";
import { rowsApart } from "../../rowsApart.js";

const sizes = [
  [0, 3],
  [1, 1],
  [5, 1],
  [3, 2],
  [4, 4],
  [7, 5],
  [9, 10],
  [2, 17],
  [3, 1000],
] as const;

describe.each(testedBuilds)("softmax (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each(sizes)("and log-softmax of %i×%i agree with float64 to 1e-6 for any number of threads", (rows, columns) => {
    const count = rows * columns;
    const x = randomFloats(count, 1, 10);
    for (const [kernel, oracle] of [
      ["softmax", softmax],
      ["logSoftmax", logSoftmax],
    ] as const) {
      const run = (threads: number, xRow: number = columns): Float32Array => {
        const fields = { x: rowsApart(x, columns, xRow), y: new Output(count), rows, columns, xRow };
        return runKernel(engine, kernel, fields, { threads }).y!;
      };
      const once = run(1);
      expectClose(once, oracle(x, columns), { relative: 3e-6, absolute: 1e-6 });
      for (const threads of [2, 3, 7]) expectIdentical(run(threads, columns + threads), once);
    }
  });

  it.each(sizes)("gradients of %i×%i agree with the Jacobian in float64", (rows, columns) => {
    const count = rows * columns;
    const x = randomFloats(count, 1, 3);
    const dy = randomFloats(count, 2);
    const [y, logY] = [softmax(x, columns), logSoftmax(x, columns)];
    const expected = new Float64Array(count);
    const expectedOfLog = new Float64Array(count);
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < columns; i++) {
        for (let j = 0; j < columns; j++) {
          const [p, q] = [y[row * columns + i]!, y[row * columns + j]!];
          const identity = i === j ? 1 : 0;
          expected[row * columns + i]! += q * (identity - p) * dy[row * columns + j]!;
          expectedOfLog[row * columns + i]! += (identity - p) * dy[row * columns + j]!;
        }
      }
    }
    for (const [kernel, values, gradient] of [
      ["softmaxBackward", y, expected],
      ["logSoftmaxBackward", logY, expectedOfLog],
    ] as const) {
      const run = (threads: number, yRow: number = columns, dyRow: number = columns): Float32Array => {
        const inputs = { y: rowsApart(values, columns, yRow), dy: rowsApart(dy, columns, dyRow), yRow, dyRow };
        return runKernel(engine, kernel, { ...inputs, dx: new Output(count), rows, columns }, { threads }).dx!;
      };
      const once = run(1);
      expectClose(once, gradient, { absolute: 2e-5 });
      for (const threads of [2, 7]) expectIdentical(run(threads, columns + 3, columns + threads), once);
    }
  });

  it("takes extreme logits: large ones do not overflow, −Infinity gives 0, NaN spoils its own row only", () => {
    const x = Float32Array.of(-800, 0, 0, 1e4, 1e4, -1e4, -Infinity, 1, 1, NaN, 1, 2, Infinity, 0, 0, 3e38, -3e38, 0);
    const { y } = runKernel(engine, "softmax", { x, y: new Output(18), rows: 6, columns: 3, xRow: 3 });
    expectIdentical(y!, [0, 0.5, 0.5, 0.5, 0.5, 0, 0, 0.5, 0.5, NaN, NaN, NaN, NaN, NaN, NaN, 1, 0, 0]);
    const { y: logY } = runKernel(engine, "logSoftmax", { x, y: new Output(18), rows: 6, columns: 3, xRow: 3 });
    expectClose(logY!.subarray(0, 6), [-800 - Math.LN2, -Math.LN2, -Math.LN2, -Math.LN2, -Math.LN2, -2e4 - Math.LN2], {
      relative: 1e-6,
    });
    expect(logY![6]).toBe(-Infinity);
    expect(logY!.subarray(9, 15).every(Number.isNaN)).toBe(true);
    expectIdentical(logY!.subarray(15), [0, -Infinity, Math.fround(-3e38)]);
  });
});

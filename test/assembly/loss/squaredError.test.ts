import { describe, it } from "vitest";
import { expectClose, expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { squaredDistance } from "../../oracle/loss.js";
import { randomFloats, randomIntegers } from "../../random.js";

const sizes = [0, 1, 3, 4, 5, 31, 33, 127, 4095, 4096, 4097, 12289];

describe.each(testedBuilds)("squared error (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each(sizes)("sums exactly what can be summed exactly, in chunks of 4096, for %i elements", (count) => {
    const a = randomIntegers(count, 1);
    const b = randomIntegers(count, 2);
    const chunks = Math.ceil(count / 4096);
    const expected = Array.from({ length: chunks }, (_, c) =>
      squaredDistance(a.subarray(c * 4096, (c + 1) * 4096), b.subarray(c * 4096, (c + 1) * 4096)),
    );
    for (const threads of [1, 2, 3, 7]) {
      const { y } = runKernel(engine, "squaredError", { a, b, y: new Output(chunks), count }, { threads });
      expectIdentical(y!, expected);
    }
  });

  it.each(sizes)("has the gradient factor·dLoss·(a − b) for %i elements", (count) => {
    const a = randomFloats(count, 1);
    const b = randomFloats(count, 2);
    const fields = { a, b, dLoss: Float32Array.of(-3), dx: new Output(count), count, factor: 0.25 };
    const once = runKernel(engine, "squaredErrorBackward", fields).dx!;
    expectClose(
      once,
      a.map((value, i) => -0.75 * (value - b[i]!)),
      { relative: 1e-6 },
    );
    for (const threads of [2, 3, 7]) {
      expectIdentical(runKernel(engine, "squaredErrorBackward", fields, { threads }).dx!, once);
    }
  });

  it("sums of few numbers are added in float64: 1 is not lost beside 2²⁴", () => {
    const x = Float32Array.of(2 ** 24, 1, 1, 1, 1, -(2 ** 24), 0.5);
    const { y } = runKernel(engine, "sum", { x, y: new Output(1), count: 7, factor: 2 }, { threads: 3 });
    expectIdentical(y!, [9]);
    const empty = runKernel(engine, "sum", { x: new Float32Array(0), y: new Output(1), count: 0, factor: 2 });
    expectIdentical(empty.y!, [0]);
  });
});

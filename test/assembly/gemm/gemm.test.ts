import { describe, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { naiveGemm } from "../../oracle/gemm.js";
import { randomIntegers } from "../../random.js";

describe.each(testedBuilds)("gemm (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each([
    [1, 1, 1],
    [4, 8, 3],
    [5, 9, 7],
    [7, 31, 300],
    [33, 17, 64],
  ])("multiplies %i × %i, summing over %i, exactly for integers", (M, N, K) => {
    const a = randomIntegers(M * K, 1);
    const b = randomIntegers(K * N, 2);
    const bias = randomIntegers(N, 3);
    const { packed } = runKernel(engine, "gemmPack", {
      b,
      packed: new Output(K * Math.ceil(N / 8) * 8),
      rowStride: N,
      columnStride: 1,
      K,
      N,
    });
    for (const threads of [1, 2, 3]) {
      const { c } = runKernel(
        engine,
        "gemm",
        { a, b: packed!, c: new Output(M * N), bias, M, N, K, lda: K, ldc: N, alpha: 1, beta: 0, relu: true },
        { threads },
      );
      const expected = naiveGemm({
        ...{ M, N, K, bias, relu: true },
        a: { data: a, stride: K, isTransposed: false },
        b: { data: b, stride: N, isTransposed: false },
      });
      expectIdentical(c!.map(Math.abs), expected.map(Math.abs));
    }
  });
});

import { describe, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { randomFloats } from "../../random.js";

const sizes = [
  [0, 5],
  [5, 0],
  [1, 1],
  [2, 7],
  [3, 8],
  [4, 9],
  [5, 15],
  [7, 16],
  [8, 17],
  [31, 24],
  [33, 40],
] as const;

/** The panels of 8 columns that gemmPack promises. */
function panels(K: number, N: number, element: (k: number, n: number) => number): Float32Array {
  const packed = new Float32Array(K * Math.ceil(N / 8) * 8);
  for (let k = 0; k < K; k++) {
    for (let n = 0; n < N; n++) packed[Math.floor(n / 8) * K * 8 + k * 8 + (n % 8)] = element(k, n);
  }
  return packed;
}

describe.each(testedBuilds)("gemmPack (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each(sizes)("lays a %i × %i matrix out in zero-padded panels, with rows or columns contiguous", (K, N) => {
    for (const padding of [0, 3]) {
      for (const threads of [1, 2, 3]) {
        const length = K * Math.ceil(N / 8) * 8;
        const rowStride = N + padding;
        const b = randomFloats(K * rowStride);
        const rows = { b, packed: new Output(length), rowStride, columnStride: 1, K, N };
        expectIdentical(
          runKernel(engine, "gemmPack", rows, { threads }).packed!,
          panels(K, N, (k, n) => b[k * rowStride + n]!),
        );
        const columnStride = K + padding;
        const bTransposed = randomFloats(N * columnStride);
        const columns = { b: bTransposed, packed: new Output(length), rowStride: 1, columnStride, K, N };
        expectIdentical(
          runKernel(engine, "gemmPack", columns, { threads }).packed!,
          panels(K, N, (k, n) => bTransposed[n * columnStride + k]!),
        );
      }
    }
  });
});

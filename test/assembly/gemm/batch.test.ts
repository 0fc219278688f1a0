import { describe, it } from "vitest";
import { constants } from "../../../src/engine/index.js";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { naiveGemm } from "../../oracle/gemm.js";
import { randomIntegers } from "../../random.js";

const sizes = [
  [1, 1, 1],
  [1, 33, 5],
  [3, 8, 9],
  [4, 8, 4],
  [5, 17, 400],
  [33, 15, 7],
  [180, 9, 12],
  [6, 40, 0],
] as const;

/** Ways to hand the operands over. A packed operand was packed by gemmPackBatch. */
const forms = [
  { name: "A · B" },
  { name: "Aᵀ · B", transposeA: true },
  { name: "packed Aᵀ · B", transposeA: true, packA: true },
  { name: "A · packed B", packB: true },
  { name: "A · packed Bᵀ", transposeB: true, packB: true },
  { name: "A · Bᵀ packed within", transposeB: true, within: true },
  { name: "A · B packed within", within: true },
];

/** Where matrices of so many floats begin that lie in reverse order with gaps, every third of them twice. */
function scattered(batches: number, size: number): Int32Array {
  return Int32Array.from({ length: batches }, (_, i) => (batches - 1 - (i % 3 === 2 ? i - 1 : i)) * (size + 3));
}

describe.each(testedBuilds)("gemmBatch (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each(forms)("computes $name exactly of matrices wherever they begin, by any number of threads", (form) => {
    const { transposeA = false, transposeB = false, packA = false, packB = false, within = false } = form;
    for (const [M, N, K] of sizes) {
      for (const batches of [0, 1, 5, 40]) {
        const [lda, ldb] = [(transposeA ? M : K) + 2, (transposeB ? K : N) + 1];
        const [sizeA, sizeB] = [(transposeA ? K : M) * lda, (transposeB ? N : K) * ldb];
        const [startsA, startsB] = [scattered(batches, sizeA), scattered(batches, sizeB)];
        const a = randomIntegers(batches * (sizeA + 3), 1);
        const b = randomIntegers(batches * (sizeB + 3), 2);
        const bias = randomIntegers(N, 3);
        const expected = new Float32Array(batches * M * N);
        for (let i = 0; i < batches; i++) {
          const left = { data: a.subarray(startsA[i]), stride: lda, isTransposed: transposeA };
          const right = { data: b.subarray(startsB[i]), stride: ldb, isTransposed: transposeB };
          expected.set(naiveGemm({ M, N, K, a: left, b: right, bias, relu: true }), i * M * N);
        }
        const packed = (operand: Float32Array, offsets: Int32Array, columns: number, strides: readonly number[]) => {
          const size = K * Math.ceil(columns / 8) * 8;
          const [rowStride, columnStride] = strides as [number, number];
          const fields = { b: operand, packed: new Output(batches * size), offsets, batches, K, N: columns };
          const results = [1, 2, 3].map(
            (threads) =>
              runKernel(engine, "gemmPackBatch", { ...fields, rowStride, columnStride }, { threads }).packed!,
          );
          for (const result of results) expectIdentical(result, results[0]!);
          return { data: results[0]!, starts: Int32Array.from({ length: batches }, (_, i) => i * size) };
        };
        const left = packA ? packed(a, startsA, M, [lda, 1]) : { data: a, starts: startsA };
        const right = packB ? packed(b, startsB, N, transposeB ? [1, ldb] : [ldb, 1]) : { data: b, starts: startsB };
        const slots = 3;
        const slotBytes = within ? Math.max(Math.min(K, 384), 1) * 64 : 0;
        for (const threads of [1, 2, 3, 7]) {
          const fields = {
            ...{ a: left.data, b: right.data, c: new Output(expected.length), bias, relu: true, alpha: 1, beta: 0 },
            ...{
              M,
              N,
              K,
              lda,
              ldb,
              ldc: N,
              chunk: Math.max(K, 1),
              batches,
              transposeA,
              packedA: packA,
              packedB: packB,
            },
            offsets: Int32Array.from({ length: 2 * batches }, (_, i) => (i % 2 ? right : left).starts[i >> 1]!),
            ...{ slots, slotBytes, transposeB: transposeB && within },
            scratch: within ? new Output((slots * slotBytes) / 4) : 0,
            copies: new Output((slots * constants.GEMM_COPY_BYTES) / 4),
          };
          const { c } = runKernel(engine, "gemmBatch", fields, { threads });
          expectIdentical(
            c!.map((value) => value + 0),
            expected.map((value) => value + 0),
          );
        }
      }
    }
  });
});

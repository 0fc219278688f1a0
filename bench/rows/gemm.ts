import { matmul } from "../../src/ops/products/matmul.js";
import type { Kernels } from "../baselines/kernels.js";
import type { Row } from "../row.js";
import { operationSubject, uniform } from "../subject.js";

type Form = "AB" | "AᵀB" | "ABᵀ" | "AᵀBᵀ";

function baselineGemm(kernels: Kernels, form: Form, M: number, K: number, N: number): Row["baseline"] {
  if (form === "AᵀBᵀ") return undefined;
  return () => {
    const a = uniform(M * K, 1);
    const b = uniform(K * N, 2);
    const c = new Float32Array(M * N);
    const ignored = new Float32Array(N);
    const run = {
      AB: () => kernels.gemm(a, b, c, M, N, K),
      AᵀB: () => kernels.linearWeightGradient(a, b, c, ignored, K, M, N),
      ABᵀ: () => kernels.linearInputGradient(a, b, c, M, N, K),
    }[form];
    const result = (): Float32Array => {
      run();
      return c;
    };
    return { run, result };
  };
}

/** C[M, N] = op(A)·op(B) with a sum over K. */
function gemmRow(M: number, K: number, N: number, form: Form = "AB"): Row {
  const transposeA = form.startsWith("Aᵀ");
  const transposeB = form.endsWith("Bᵀ");
  return {
    name: `GEMM ${form}`,
    shape: `${M}×${K}×${N}`,
    flops: 2 * M * K * N,
    tolerance: 1e-4,
    wasm: (engine) =>
      operationSubject(
        engine,
        [
          { shape: transposeA ? [K, M] : [M, K], data: uniform(M * K, 1) },
          { shape: transposeB ? [N, K] : [K, N], data: uniform(K * N, 2) },
        ],
        ([a, b]) => matmul(a!, b!, { transposeA, transposeB }),
      ),
    ...(form !== "AᵀBᵀ" && { baseline: (kernels: Kernels) => baselineGemm(kernels, form, M, K, N)!(kernels) }),
  };
}

export const gemmRows: readonly Row[] = [
  ...[64, 127, 128, 256, 512, 1024].map((size) => gemmRow(size, size, size)),
  ...(["AᵀB", "ABᵀ", "AᵀBᵀ"] as const).flatMap((form) => [128, 512].map((size) => gemmRow(size, size, size, form))),
  gemmRow(64, 784, 128),
  gemmRow(64, 128, 10),
  gemmRow(256, 1024, 1024),
  gemmRow(1024, 288, 32),
  gemmRow(25088, 144, 32),
  gemmRow(784, 64, 128, "AᵀB"),
  gemmRow(64, 128, 784, "ABᵀ"),
];

import { type MemoryRange, type Emitter, type Shape, sizeOf } from "../graph/index.js";

/** Emits the record that fills a tensor with zeros: a product over nothing. */
export function emitZeros(emit: Emitter, y: MemoryRange, shape: Shape): void {
  const N = shape.at(-1) ?? 1;
  const M = N === 0 ? 0 : sizeOf(shape) / N;
  emit.record("gemm", {
    ...{ a: y, b: y, c: y, M, N, K: 0, lda: 0, ldb: N, ldc: N, chunk: 1 },
    ...{ bias: 0, alpha: 1, beta: 0, relu: false, scratch: 0, slots: 1, slotBytes: 0 },
    ...{ transposeA: false, transposeB: false, packedA: false, packedB: false },
  });
}

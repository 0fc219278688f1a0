import { KernelRecord } from "../record";

/**
 * C[M, N] = alpha · A · B + beta · C + bias, then ReLU if asked. beta = 0 never reads c; bias = 0 is none.
 *
 * A lies as [M, K] or, if `transposeA`, as [K, M], rows `lda` apart; or, if `packedA`, as gemmPack made it from a K × M
 * matrix. B lies as [K, N] with rows `ldb` apart or, if `packedB`, as gemmPack made it (whatever it was made from). With
 * `scratch`, this record packs a block of K of a few panels just before it uses them, so that the packed form does not leave the
 * caches; B may then also lie as [N, K], its columns `ldb` apart (`transposeB`). Scratch holds `slots` times `slotBytes`, for as
 * many threads.
 *
 * A sum over a long K with a small C leaves nothing for the threads to share. So if `chunk` < K, the sum is cut into
 * ⌈K / chunk⌉ products and c is an array of that many M × ldc matrices, which gemmReduce adds in order. Bias, ReLU and beta
 * then belong to that record.
 */
@unmanaged
export class GemmRecord extends KernelRecord {
  a: usize;
  b: usize;
  c: usize;
  bias: usize;
  scratch: usize;
  M: i32;
  N: i32;
  K: i32;
  lda: i32;
  ldb: i32;
  ldc: i32;
  chunk: i32;
  slots: i32;
  slotBytes: i32;
  alpha: f32;
  beta: f32;
  transposeA: bool;
  transposeB: bool;
  packedA: bool;
  packedB: bool;
  relu: bool;
}

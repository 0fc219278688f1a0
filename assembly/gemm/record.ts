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

/** Address of element (row, k) of A. */
// @ts-ignore: decorator
@inline
export function addressInA(record: GemmRecord, row: i32, k: i32): usize {
  if (record.packedA) return addressInPanels(record, row, k);
  return record.transposeA ? addressInColumns(record, row, k) : addressInRows(record, row, k);
}

/** The same of an A that lies as [M, K]. */
// @ts-ignore: decorator
@inline
export function addressInRows(record: GemmRecord, row: i32, k: i32): usize {
  return record.a + ((<usize>row * <usize>record.lda + <usize>k) << 2);
}

/** The same of an A that lies as [K, M]. */
// @ts-ignore: decorator
@inline
export function addressInColumns(record: GemmRecord, row: i32, k: i32): usize {
  return record.a + ((<usize>k * <usize>record.lda + <usize>row) << 2);
}

/** The same of a packed A, whose panels hold 8 rows. */
// @ts-ignore: decorator
@inline
export function addressInPanels(record: GemmRecord, row: i32, k: i32): usize {
  return record.a + ((<usize>(row >> 3) * <usize>record.K + <usize>k) << 5) + ((<usize>(row & 7)) << 2);
}

/** Bytes from one k to the next in A. */
// @ts-ignore: decorator
@inline
export function stepOfA(record: GemmRecord): usize {
  if (record.packedA) return 32;
  return record.transposeA ? (<usize>record.lda) << 2 : 4;
}

/** Whether the tiles read B from panels, which are padded with zeros to 8 columns. */
// @ts-ignore: decorator
@inline
export function readsPanels(record: GemmRecord): bool {
  return record.packedB || record.scratch != 0;
}

/** Bytes from one k to the next in what the tiles read of B. */
// @ts-ignore: decorator
@inline
export function stepOfB(record: GemmRecord): usize {
  return readsPanels(record) ? 32 : (<usize>record.ldb) << 2;
}

import { shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";
import { storeElement, storeVector } from "./tile";

/**
 * C[M, N] = alpha · (partials[0] + partials[1] + …) + beta · C + bias, then ReLU if asked: adds `chunks` matrices of
 * M × N, one behind the other, in this order whatever the number of threads. beta = 0 never reads c; bias = 0 is none.
 */
@unmanaged
export class GemmReduceRecord extends KernelRecord {
  partials: usize;
  c: usize;
  bias: usize;
  chunks: i32;
  M: i32;
  N: i32;
  ldc: i32;
  alpha: f32;
  beta: f32;
  relu: bool;
}

export function gemmReduce(record: GemmReduceRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.partials) && record.chunks > 0);
  const N = record.N;
  const size = (<usize>record.M * <usize>N) << 2;
  const end = record.partials + size * <usize>record.chunks;
  const total = record.M * N;
  const last = shareEnd(total, 16, thread, threads);
  let at = shareStart(total, 16, thread, threads);
  while (at < last) {
    const row = at / N;
    const rowEnd = min(row * N + N, last);
    let column = at - row * N;
    let c = record.c + ((<usize>row * <usize>record.ldc + <usize>column) << 2);
    let from = record.partials + ((<usize>at) << 2);
    let bias = record.bias;
    const step: usize = bias != 0 ? 4 : 0;
    bias += step * <usize>column;
    for (; at + 4 <= rowEnd; at += 4, from += 16, c += 16, bias += step << 2) {
      let sum = v128.load(from);
      for (let next = from + size; next < end; next += size) sum = f32x4.add(sum, v128.load(next));
      storeVector(sum, c, record.alpha, record.beta, bias, record.relu);
    }
    for (; at < rowEnd; at++, from += 4, c += 4, bias += step) {
      let sum = load<f32>(from);
      for (let next = from + size; next < end; next += size) sum += load<f32>(next);
      storeElement(sum, c, record.alpha, record.beta, bias, record.relu);
    }
  }
}

import { shareEnd, shareStart } from "../partition";
import { KernelRecord } from "../record";
import { rowsByPanel } from "./microkernel";
import { KC, MC, MR, NR } from "./params";

/** C[M, N] = alpha · A · B + beta · C + bias, then ReLU; b is packed by gemmPack. bias = 0 is none. */
@unmanaged
export class GemmRecord extends KernelRecord {
  a: usize;
  b: usize;
  c: usize;
  bias: usize;
  M: i32;
  N: i32;
  K: i32;
  lda: i32;
  ldc: i32;
  alpha: f32;
  beta: f32;
  relu: bool;
}

export function gemm(record: GemmRecord, thread: i32, threads: i32): void {
  assert((record.b & 15) == 0);
  const M = record.M;
  const N = record.N;
  const K = record.K;
  const aStride = (<usize>record.lda) << 2;
  const cStride = (<usize>record.ldc) << 2;
  const rowEnd = shareEnd(M, MR, thread, threads);
  const blocks = max((K + KC - 1) / KC, 1);
  for (let row = shareStart(M, MR, thread, threads); row < rowEnd; row += MC) {
    const blockEnd = min(row + MC, rowEnd);
    for (let block = 0; block < blocks; block++) {
      const first = shareStart(K, 1, block, blocks);
      const count = shareEnd(K, 1, block, blocks) - first;
      const isLast = block == blocks - 1;
      const beta: f32 = block == 0 ? record.beta : 1;
      for (let column = 0; column < N; column += NR) {
        const bias: usize = isLast && record.bias != 0 ? record.bias + ((<usize>column) << 2) : 0;
        const b = record.b + ((<usize>column * <usize>K) << 2) + ((<usize>first) << 5);
        for (let m = row; m < blockEnd; m += MR) {
          const rows = blockEnd - m;
          const a0 = record.a + <usize>m * aStride + ((<usize>first) << 2);
          const a1 = rows > 1 ? a0 + aStride : a0;
          const a2 = rows > 2 ? a1 + aStride : a1;
          rowsByPanel(
            a0,
            a1,
            a2,
            rows > 3 ? a2 + aStride : a2,
            b,
            count,
            record.c + <usize>m * cStride + ((<usize>column) << 2),
            cStride,
            rows,
            min(N - column, NR),
            record.alpha,
            beta,
            bias,
            isLast && record.relu,
          );
        }
      }
    }
  }
}

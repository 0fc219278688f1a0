import { shareEnd, shareStart } from "../partition";
import { isAligned } from "../record";
import { checkProduct, multiplyShare, scratchOf } from "./gemm";
import { GemmRecord } from "./record";

/** Bytes between the records that threads read, at least those of a GemmRecord: two lines of the cache. */
// @ts-ignore: decorator
@shared
export const GEMM_COPY_BYTES: i32 = 128;

/** With so many products for each thread, what the last of them have to themselves does not count. */
const manyProducts: i32 = 16;

/**
 * `batches` products of one shape: C[i] = op(A[i]) · op(B[i]) and so on, as `gemm` has it. A[i] and B[i] begin offsets[2i] and
 * offsets[2i + 1] floats (int32) behind a and b, the matrices C lie one behind another. The sums over K are not cut. `copies` holds
 * GEMM_COPY_BYTES for each of `slots` threads.
 */
@unmanaged
export class GemmBatchRecord extends GemmRecord {
  offsets: usize;
  copies: usize;
  batches: i32;
}

/** The tiles of all products are shared out at once: whole products where they come out even, or are many. */
export function gemmBatch(record: GemmBatchRecord, thread: i32, threads: i32): void {
  const batches = record.batches;
  checkProduct(record);
  assert(isAligned(record.offsets | record.copies) && batches >= 0 && record.slots > 0);
  assert(record.chunk >= record.K && offsetof<GemmRecord>() <= <usize>GEMM_COPY_BYTES);
  threads = min(threads, record.slots);
  if (thread >= threads) return;
  // What the tiles read of their record differs from one product to the next, so each thread reads one of its own.
  const at = record.copies + <usize>(thread * GEMM_COPY_BYTES);
  memory.copy(at, changetype<usize>(record), offsetof<GemmRecord>());
  const product = changetype<GemmRecord>(at);
  const scratch = scratchOf(record, thread);
  const parts = batches % threads == 0 || batches >= manyProducts * threads ? 1 : threads;
  const productBytes = (<usize>record.M * <usize>record.ldc) << 2;
  const last = shareEnd(batches * parts, 1, thread, threads);
  for (let unit = shareStart(batches * parts, 1, thread, threads); unit < last; unit++) {
    const batch = unit / parts;
    const offsets = record.offsets + ((<usize>batch) << 3);
    product.a = record.a + (load<u32>(offsets) << 2);
    product.b = record.b + (load<u32>(offsets, 4) << 2);
    product.c = record.c + <usize>batch * productBytes;
    multiplyShare(product, scratch, unit - batch * parts, parts);
  }
}

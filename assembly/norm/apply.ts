import { loadPartial, multiplyAdd, storePartial } from "../math/lanes";
import { partsOf, shareEnd, shareStart } from "../partition";
import { isAligned } from "../record";
import { WideRecord } from "./wide";

/**
 * Last pass of batch normalisation: y = (x − center)·scale + offset with the three wide rows of `table`, then max(y, 0) if
 * `relu`. y may be x. Goes through its rows backwards: what the pass before read last may still be in the cache.
 */
@unmanaged
export class BatchNormApplyRecord extends WideRecord {
  table: usize;
  y: usize;
  relu: bool;
}

export function batchNormApply(record: BatchNormApplyRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.x | record.y | record.table));
  assert((record.width & 3) == 0 && record.width % record.channels == 0);
  const rowBytes = (<usize>record.width) << 2;
  const countBytes = (<usize>record.count) << 2;
  const rows = partsOf(record.count, record.width);
  const x = record.x;
  const y = record.y;
  const table = record.table;
  const relu = record.relu;
  const first = shareStart(rows, 1, thread, threads);
  for (let row = shareEnd(rows, 1, thread, threads) - 1; row >= first; row--) {
    const start = <usize>row * rowBytes;
    const bytes = min(rowBytes, countBytes - start);
    if (relu) normaliseRectified(x + start, y + start, table, rowBytes, bytes);
    else normalise(x + start, y + start, table, rowBytes, bytes);
  }
}

/** One wide row, of which the first `bytes` bytes exist. */
// @ts-ignore: decorator
@inline
function normalise(x: usize, y: usize, table: usize, rowBytes: usize, bytes: usize): void {
  const end = x + bytes;
  for (; x + 16 <= end; x += 16, y += 16, table += 16) {
    v128.store(y, normalised(v128.load(x), table, rowBytes));
  }
  if (x < end) storePartial(y, normalised(loadPartial(x, (end - x) >> 2), table, rowBytes), (end - x) >> 2);
}

// @ts-ignore: decorator
@inline
function normaliseRectified(x: usize, y: usize, table: usize, rowBytes: usize, bytes: usize): void {
  const end = x + bytes;
  const zero = f32x4.splat(0);
  for (; x + 16 <= end; x += 16, y += 16, table += 16) {
    v128.store(y, f32x4.pmax(normalised(v128.load(x), table, rowBytes), zero));
  }
  if (x < end) {
    const left = (end - x) >> 2;
    storePartial(y, f32x4.pmax(normalised(loadPartial(x, left), table, rowBytes), zero), left);
  }
}

/** (x − center)·scale + offset, `table` pointing to the center of x's lanes. */
// @ts-ignore: decorator
@inline
function normalised(x: v128, table: usize, rowBytes: usize): v128 {
  const scale = v128.load(table + rowBytes);
  return multiplyAdd(f32x4.sub(x, v128.load(table)), scale, v128.load(table + (rowBytes << 1)));
}

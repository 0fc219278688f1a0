import { partsOf, shareEnd, shareStart, wholeUnits } from "../partition";
import { isAligned, KernelRecord } from "../record";
import { NR } from "./params";

/**
 * Copies b, a K × N matrix with element (k, n) at b[k · rowStride + n · columnStride], into panels of 8 columns, the form
 * in which the register tiles read it: panel j begins at packed + j · K · 32 bytes, its row k holds the 8 consecutive
 * floats (k, 8j … 8j + 7), and columns ≥ N are zero. So packed takes K · roundUp(N, 8) floats. One of the strides is 1.
 */
@unmanaged
export class GemmPackRecord extends KernelRecord {
  b: usize;
  packed: usize;
  rowStride: i32;
  columnStride: i32;
  K: i32;
  N: i32;
}

export function gemmPack(record: GemmPackRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.packed));
  assert(record.K >= 0 && record.N >= 0);
  assert(record.rowStride == 1 || record.columnStride == 1);
  const rowStride = (<usize>record.rowStride) << 2;
  const columnStride = (<usize>record.columnStride) << 2;
  const n = shareStart(record.N, NR, thread, threads);
  const columns = shareEnd(record.N, NR, thread, threads) - n;
  const to = record.packed + ((<usize>n * <usize>record.K) << 2);
  packPanels(record.b + <usize>n * columnStride, to, record.K, columns, rowStride, columnStride);
}

/**
 * The same of `batches` matrices, the i-th of which begins offsets[i] floats (int32) behind b. Packed, they lie one behind another.
 */
@unmanaged
export class GemmPackBatchRecord extends GemmPackRecord {
  offsets: usize;
  batches: i32;
}

export function gemmPackBatch(record: GemmPackBatchRecord, thread: i32, threads: i32): void {
  const K = record.K;
  const N = record.N;
  assert(isAligned(record.b | record.packed | record.offsets));
  assert(K >= 0 && N >= 0 && record.batches >= 0);
  assert(record.rowStride == 1 || record.columnStride == 1);
  const rowStride = (<usize>record.rowStride) << 2;
  const columnStride = (<usize>record.columnStride) << 2;
  const panels = partsOf(N, NR);
  const last = shareEnd(record.batches * panels, 1, thread, threads);
  let panel = shareStart(record.batches * panels, 1, thread, threads);
  while (panel < last) {
    const batch = panel / panels;
    const first = panel - batch * panels;
    const count = min(panels - first, last - panel);
    const n = first * NR;
    const from = record.b + (load<u32>(record.offsets + ((<usize>batch) << 2)) << 2) + <usize>n * columnStride;
    const to = record.packed + ((<usize>panel * <usize>K) << 5);
    packPanels(from, to, K, min(N - n, count * NR), rowStride, columnStride);
    panel += count;
  }
}

/** Lays `columns` columns of K rows from `from` on out in panels at `to`. Strides are in bytes, and one of them is 4. */
export function packPanels(from: usize, to: usize, K: i32, columns: i32, rowStride: usize, columnStride: usize): void {
  const panel = (<usize>K) << 5;
  if (columnStride == 4) {
    for (; columns >= 4 * NR; columns -= 4 * NR, from += 128, to += panel << 2) {
      packFourPanels(from, to, K, rowStride, panel);
    }
  }
  for (; columns > 0; columns -= NR, from += columnStride << 3, to += panel) {
    if (columns < NR) packEdge(from, to, K, columns, rowStride, columnStride);
    else if (columnStride == 4) packRows(from, to, K, rowStride);
    else packColumns(from, to, K, columnStride);
  }
}

/** Four panels whose rows lie contiguously in b, together: a row's two cache lines are then read once, not by quarters. */
function packFourPanels(from: usize, to: usize, K: i32, rowStride: usize, panel: usize): void {
  for (; K > 0; K--, to += 32, from += rowStride) {
    const to1 = to + panel;
    const to2 = to1 + panel;
    const to3 = to2 + panel;
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    v128.store(to1, v128.load(from, 32));
    v128.store(to1, v128.load(from, 48), 16);
    v128.store(to2, v128.load(from, 64));
    v128.store(to2, v128.load(from, 80), 16);
    v128.store(to3, v128.load(from, 96));
    v128.store(to3, v128.load(from, 112), 16);
  }
}

/** A panel whose rows lie contiguously in b. */
function packRows(from: usize, to: usize, K: i32, rowStride: usize): void {
  for (const end = to + ((<usize>K) << 5); to < end; to += 32, from += rowStride) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
  }
}

/** A panel whose columns lie contiguously in b: transposes 4 × 8 blocks. */
function packColumns(from: usize, to: usize, K: i32, columnStride: usize): void {
  const upper = from + (columnStride << 2);
  let offset: usize = 0;
  const end = (<usize>wholeUnits(K, 4)) << 2;
  for (; offset < end; offset += 16, to += 128) {
    transpose(from + offset, columnStride, to);
    transpose(upper + offset, columnStride, to + 16);
  }
  for (const last = (<usize>K) << 2; offset < last; offset += 4, to += 32) {
    for (let n: usize = 0; n < 8; n++) store<f32>(to + (n << 2), load<f32>(from + n * columnStride + offset));
  }
}

/** Four vectors `columnStride` bytes apart become the columns of four rows 32 bytes apart. */
// @ts-ignore: decorator
@inline
function transpose(from: usize, columnStride: usize, to: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + columnStride);
  const c = v128.load(from + (columnStride << 1));
  const d = v128.load(from + columnStride * 3);
  const abLow = i32x4.shuffle(a, b, 0, 4, 1, 5);
  const abHigh = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cdLow = i32x4.shuffle(c, d, 0, 4, 1, 5);
  const cdHigh = i32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(to, i64x2.shuffle(abLow, cdLow, 0, 2));
  v128.store(to, i64x2.shuffle(abLow, cdLow, 1, 3), 32);
  v128.store(to, i64x2.shuffle(abHigh, cdHigh, 0, 2), 64);
  v128.store(to, i64x2.shuffle(abHigh, cdHigh, 1, 3), 96);
}

/** The last panel when N is no multiple of 8: reads nothing outside b. */
function packEdge(from: usize, to: usize, K: i32, columns: i32, rowStride: usize, columnStride: usize): void {
  const zero = f32x4.splat(0);
  for (let k = 0; k < K; k++, from += rowStride, to += 32) {
    v128.store(to, zero);
    v128.store(to, zero, 16);
    for (let n = 0; n < columns; n++) store<f32>(to + ((<usize>n) << 2), load<f32>(from + <usize>n * columnStride));
  }
}

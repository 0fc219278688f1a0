import { shareEnd, shareStart } from "../partition";
import { KernelRecord } from "../record";

/**
 * Fields of kernels that build a batch of `batch` rows: row i of y is row indices[cursor + i] of `source`. `indices` is a
 * table of u32, `cursor` points to a u32. `rows` is the number of rows of the source.
 */
@unmanaged
export class GatherRecord extends KernelRecord {
  source: usize;
  indices: usize;
  cursor: usize;
  y: usize;
  batch: i32;
  rowLength: i32;
  rows: i32;
}

/** Index of the source's row that becomes row i of the batch. */
// @ts-ignore: decorator
@inline
function sourceRow(record: GatherRecord, i: i32): usize {
  const row = load<u32>(record.indices + ((<usize>(load<u32>(record.cursor) + i)) << 2));
  assert(row < <u32>record.rows);
  return row;
}

/** Rows of 4-byte elements, float32 or int32. */
@unmanaged
export class GatherWordsRecord extends GatherRecord {}

export function gatherWords(record: GatherWordsRecord, thread: i32, threads: i32): void {
  assert(((record.source | record.y | record.indices | record.cursor) & 3) == 0);
  assert(record.batch >= 0 && record.rowLength >= 0);
  const bytes = (<usize>record.rowLength) << 2;
  const last = shareEnd(record.batch, 1, thread, threads);
  for (let i = shareStart(record.batch, 1, thread, threads); i < last; i++) {
    memory.copy(record.y + <usize>i * bytes, record.source + sourceRow(record, i) * bytes, bytes);
  }
}

/** One byte a row, to int32: class labels. */
@unmanaged
export class GatherByteLabelsRecord extends GatherRecord {}

export function gatherByteLabels(record: GatherByteLabelsRecord, thread: i32, threads: i32): void {
  assert(((record.y | record.indices | record.cursor) & 3) == 0);
  assert(record.batch >= 0 && record.rowLength == 1);
  const last = shareEnd(record.batch, 16, thread, threads);
  for (let i = shareStart(record.batch, 16, thread, threads); i < last; i++) {
    store<i32>(record.y + ((<usize>i) << 2), load<u8>(record.source + sourceRow(record, i)));
  }
}

/** Rows of bytes, to floats: y = x·scale + offset, rounded twice. */
@unmanaged
export class GatherBytesRecord extends GatherRecord {
  scale: f32;
  offset: f32;
}

export function gatherBytes(record: GatherBytesRecord, thread: i32, threads: i32): void {
  assert(((record.y | record.indices | record.cursor) & 3) == 0);
  assert(record.batch >= 0 && record.rowLength >= 0);
  const length = <usize>record.rowLength;
  const last = shareEnd(record.batch, 1, thread, threads);
  for (let i = shareStart(record.batch, 1, thread, threads); i < last; i++) {
    const x = record.source + sourceRow(record, i) * length;
    convertBytes(x, record.y + ((<usize>i * length) << 2), length, record.scale, record.offset);
  }
}

function convertBytes(x: usize, y: usize, count: usize, scale: f32, offset: f32): void {
  const end = x + count;
  const scales = f32x4.splat(scale);
  const offsets = f32x4.splat(offset);
  for (; x + 8 <= end; x += 8, y += 32) {
    const words = v128.load8x8_u(x);
    const low = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(words));
    const high = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(words));
    v128.store(y, f32x4.add(f32x4.mul(low, scales), offsets));
    v128.store(y, f32x4.add(f32x4.mul(high, scales), offsets), 16);
  }
  for (; x < end; x++, y += 4) store<f32>(y, <f32>load<u8>(x) * scale + offset);
}

import { shareEnd, shareStart } from "../partition";
import { KernelRecord } from "../record";

/**
 * Builds a batch from a data set in linear memory: row i of the output is row indices[cursor + i] of `source`. `indices`
 * is a table of u32, `cursor` points to a u32 that moves on from step to step.
 */
@unmanaged
export class GatherRecord extends KernelRecord {
  source: usize;
  indices: usize;
  cursor: usize;
  y: usize;
  rows: i32;
  columns: i32;
}

/** Rows of bytes become y = byte · scale + offset. */
@unmanaged
export class GatherBytesRecord extends GatherRecord {
  scale: f32;
  offset: f32;
}

/** Rows of 4-byte numbers, copied: float inputs and targets, int32 labels. */
@unmanaged
export class GatherWordsRecord extends GatherRecord {}

/** Rows of bytes become int32: class labels, tokens. */
@unmanaged
export class GatherByteLabelsRecord extends GatherRecord {}

// @ts-ignore: decorator
@inline
function sourceRow(record: GatherRecord, row: i32): usize {
  const cursor = load<u32>(record.cursor);
  return <usize>load<u32>(record.indices + ((<usize>(cursor + row)) << 2));
}

export function gatherBytes(record: GatherBytesRecord, thread: i32, threads: i32): void {
  const columns = <usize>record.columns;
  const scale = f32x4.splat(record.scale);
  const offset = f32x4.splat(record.offset);
  const end = shareEnd(record.rows, 1, thread, threads);
  for (let row = shareStart(record.rows, 1, thread, threads); row < end; row++) {
    let from = record.source + sourceRow(record, row) * columns;
    let to = record.y + ((<usize>row * columns) << 2);
    const last = from + columns;
    for (; from + 8 <= last; from += 8, to += 32) {
      const wide = v128.load_ext<u8>(from);
      const low = f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(wide));
      const high = f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(wide));
      // Two roundings in every build, so that a byte is the same float wherever it is scaled.
      v128.store(to, f32x4.add(f32x4.mul(low, scale), offset));
      v128.store(to, f32x4.add(f32x4.mul(high, scale), offset), 16);
    }
    for (; from < last; from++, to += 4) store<f32>(to, <f32>load<u8>(from) * record.scale + record.offset);
  }
}

export function gatherWords(record: GatherWordsRecord, thread: i32, threads: i32): void {
  const bytes = (<usize>record.columns) << 2;
  const end = shareEnd(record.rows, 1, thread, threads);
  for (let row = shareStart(record.rows, 1, thread, threads); row < end; row++) {
    memory.copy(record.y + <usize>row * bytes, record.source + sourceRow(record, row) * bytes, bytes);
  }
}

export function gatherByteLabels(record: GatherByteLabelsRecord, thread: i32, threads: i32): void {
  const columns = <usize>record.columns;
  const end = shareEnd(record.rows, 1, thread, threads);
  for (let row = shareStart(record.rows, 1, thread, threads); row < end; row++) {
    const from = record.source + sourceRow(record, row) * columns;
    const to = record.y + ((<usize>row * columns) << 2);
    for (let i: usize = 0; i < columns; i++) store<i32>(to + (i << 2), <i32>load<u8>(from + i));
  }
}

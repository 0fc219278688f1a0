import { loadPartial, storePartial } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";
import { dotOfRows, exponentialsOfRow, rowMaximum } from "./row";

/**
 * y = e^(x − m) / Σ e^(x − m) for each of `rows` rows of `columns` floats, m being the row's maximum. Rows of x lie xRow floats apart,
 * those of y one behind another. y may be x.
 */
@unmanaged
export class SoftmaxRecord extends KernelRecord {
  x: usize;
  y: usize;
  rows: i32;
  columns: i32;
  xRow: i32;
}

export function softmax(record: SoftmaxRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.x | record.y));
  assert(record.rows >= 0 && record.columns >= 1);
  const columns = <usize>record.columns;
  const last = <usize>shareEnd(record.rows, 1, thread, threads);
  for (let row = <usize>shareStart(record.rows, 1, thread, threads); row < last; row++) {
    const x = record.x + ((row * <usize>record.xRow) << 2);
    const y = record.y + ((row * columns) << 2);
    const sum = exponentialsOfRow(x, y, columns, rowMaximum(x, columns));
    const factor = f32x4.splat(1 / sum);
    let at = y;
    const end = y + (columns << 2);
    for (; at + 16 <= end; at += 16) v128.store(at, f32x4.mul(v128.load(at), factor));
    const left = (end - at) >> 2;
    if (left > 0) storePartial(at, f32x4.mul(loadPartial(at, left), factor), left);
  }
}

/** dx = y·(dy − Σ y·dy) for each row. Rows of y lie yRow floats apart, those of dy dyRow. dx may be dy. */
@unmanaged
export class SoftmaxBackwardRecord extends KernelRecord {
  y: usize;
  dy: usize;
  dx: usize;
  rows: i32;
  columns: i32;
  yRow: i32;
  dyRow: i32;
}

export function softmaxBackward(record: SoftmaxBackwardRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.y | record.dy | record.dx));
  assert(record.rows >= 0 && record.columns >= 1);
  const columns = <usize>record.columns;
  const last = <usize>shareEnd(record.rows, 1, thread, threads);
  for (let row = <usize>shareStart(record.rows, 1, thread, threads); row < last; row++) {
    const y = record.y + ((row * <usize>record.yRow) << 2);
    const dy = record.dy + ((row * <usize>record.dyRow) << 2);
    const dx = record.dx + ((row * columns) << 2);
    const dot = f32x4.splat(dotOfRows(y, dy, columns));
    const end = columns << 2;
    let at: usize = 0;
    for (; at + 16 <= end; at += 16) {
      v128.store(dx + at, f32x4.mul(v128.load(y + at), f32x4.sub(v128.load(dy + at), dot)));
    }
    const left = (end - at) >> 2;
    if (left > 0) {
      const gradient = f32x4.mul(loadPartial(y + at, left), f32x4.sub(loadPartial(dy + at, left), dot));
      storePartial(dx + at, gradient, left);
    }
  }
}

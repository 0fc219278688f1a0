import { exponentialOfNegative } from "../math/exponential";
import { loadPartial, negativeMultiplyAdd, storePartial } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";
import { logarithmOf, rowMaximum, sumOfExponentials, sumOfRow } from "./row";

/**
 * y = (x − m) − ln Σ e^(x − m) for each of `rows` rows of `columns` floats, m being the row's maximum. Rows of x lie xRow floats apart,
 * those of y one behind another. y may be x.
 */
@unmanaged
export class LogSoftmaxRecord extends KernelRecord {
  x: usize;
  y: usize;
  rows: i32;
  columns: i32;
  xRow: i32;
}

export function logSoftmax(record: LogSoftmaxRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.x | record.y));
  assert(record.rows >= 0 && record.columns >= 1);
  const columns = <usize>record.columns;
  const last = <usize>shareEnd(record.rows, 1, thread, threads);
  for (let row = <usize>shareStart(record.rows, 1, thread, threads); row < last; row++) {
    const x = record.x + ((row * <usize>record.xRow) << 2);
    const y = record.y + ((row * columns) << 2);
    const maximum = rowMaximum(x, columns);
    const shift = f32x4.splat(maximum);
    const logarithm = f32x4.splat(logarithmOf(sumOfExponentials(x, columns, maximum)));
    const end = columns << 2;
    let at: usize = 0;
    for (; at + 16 <= end; at += 16) {
      v128.store(y + at, f32x4.sub(f32x4.sub(v128.load(x + at), shift), logarithm));
    }
    const left = (end - at) >> 2;
    if (left > 0) storePartial(y + at, f32x4.sub(f32x4.sub(loadPartial(x + at, left), shift), logarithm), left);
  }
}

/** dx = dy − eʸ·Σ dy for each row. Rows of y lie yRow floats apart, those of dy dyRow. dx may be dy. */
@unmanaged
export class LogSoftmaxBackwardRecord extends KernelRecord {
  y: usize;
  dy: usize;
  dx: usize;
  rows: i32;
  columns: i32;
  yRow: i32;
  dyRow: i32;
}

export function logSoftmaxBackward(record: LogSoftmaxBackwardRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.y | record.dy | record.dx));
  assert(record.rows >= 0 && record.columns >= 1);
  const columns = <usize>record.columns;
  const last = <usize>shareEnd(record.rows, 1, thread, threads);
  for (let row = <usize>shareStart(record.rows, 1, thread, threads); row < last; row++) {
    const y = record.y + ((row * <usize>record.yRow) << 2);
    const dy = record.dy + ((row * <usize>record.dyRow) << 2);
    const dx = record.dx + ((row * columns) << 2);
    const sum = f32x4.splat(sumOfRow(dy, columns));
    const end = columns << 2;
    let at: usize = 0;
    for (; at + 16 <= end; at += 16) {
      const probability = exponentialOfNegative(v128.load(y + at));
      v128.store(dx + at, negativeMultiplyAdd(probability, sum, v128.load(dy + at)));
    }
    const left = (end - at) >> 2;
    if (left > 0) {
      const probability = exponentialOfNegative(loadPartial(y + at, left));
      storePartial(dx + at, negativeMultiplyAdd(probability, sum, loadPartial(dy + at, left)), left);
    }
  }
}

import { partsOf, shareEnd, shareStart } from "../partition";
import { KernelRecord } from "../record";

/** Columns of one strip of work: a cache line of each row, in four accumulators. */
const STRIP: i32 = 16;

/**
 * Column sums of dy[rows, columns], the gradient of a bias, in chunks of `chunk` rows: sums[i] holds the `columns` sums of
 * chunk i, which gemmReduce adds (with M = 1) if there are several. If y ≠ 0 the layer ended in a ReLU that gave y: dy is
 * then masked by y > 0 first (NaN passes, as in reluBackward) and stored to `masked` too. masked may be dy.
 */
@unmanaged
export class BiasGradientRecord extends KernelRecord {
  dy: usize;
  y: usize;
  masked: usize;
  sums: usize;
  rows: i32;
  columns: i32;
  chunk: i32;
}

export function biasGradient(record: BiasGradientRecord, thread: i32, threads: i32): void {
  assert(record.rows >= 0 && record.columns >= 0 && record.chunk > 0);
  assert((record.y == 0) == (record.masked == 0));
  const strips = partsOf(record.columns, STRIP);
  const chunks = max(partsOf(record.rows, record.chunk), 1);
  const last = shareEnd(strips * chunks, 1, thread, threads);
  for (let unit = shareStart(strips * chunks, 1, thread, threads); unit < last; unit++) {
    const chunk = unit / strips;
    const column = (unit - chunk * strips) * STRIP;
    const first = chunk * record.chunk;
    const rows = min(record.rows - first, record.chunk);
    const offset = (<usize>first * <usize>record.columns + <usize>column) << 2;
    const sums = record.sums + ((<usize>chunk * <usize>record.columns + <usize>column) << 2);
    const columns = min(record.columns - column, STRIP);
    if (columns == STRIP) sumStrip(record, offset, rows, sums);
    else sumEdge(record, offset, rows, columns, sums);
  }
}

/** dy at `at`, masked by y and stored back if there is a y. */
// @ts-ignore: decorator
@inline
function masked(dy: usize, y: usize, to: usize, at: usize): v128 {
  let value = v128.load(dy + at);
  if (y != 0) {
    value = v128.andnot(value, f32x4.le(v128.load(y + at), f32x4.splat(0)));
    v128.store(to + at, value);
  }
  return value;
}

function sumStrip(record: BiasGradientRecord, offset: usize, rows: i32, sums: usize): void {
  const dy = record.dy;
  const y = record.y;
  const to = record.masked;
  const stride = (<usize>record.columns) << 2;
  let sum0 = f32x4.splat(0);
  let sum1 = sum0;
  let sum2 = sum0;
  let sum3 = sum0;
  for (; rows > 0; rows--, offset += stride) {
    sum0 = f32x4.add(sum0, masked(dy, y, to, offset));
    sum1 = f32x4.add(sum1, masked(dy, y, to, offset + 16));
    sum2 = f32x4.add(sum2, masked(dy, y, to, offset + 32));
    sum3 = f32x4.add(sum3, masked(dy, y, to, offset + 48));
  }
  v128.store(sums, sum0);
  v128.store(sums, sum1, 16);
  v128.store(sums, sum2, 32);
  v128.store(sums, sum3, 48);
}

/** The last columns: by fours, then one by one. */
function sumEdge(record: BiasGradientRecord, offset: usize, rows: i32, columns: i32, sums: usize): void {
  const dy = record.dy;
  const y = record.y;
  const to = record.masked;
  const stride = (<usize>record.columns) << 2;
  for (; columns >= 4; columns -= 4, offset += 16, sums += 16) {
    let sum = f32x4.splat(0);
    let at = offset;
    for (let row = 0; row < rows; row++, at += stride) sum = f32x4.add(sum, masked(dy, y, to, at));
    v128.store(sums, sum);
  }
  for (; columns > 0; columns--, offset += 4, sums += 4) {
    let sum: f32 = 0;
    let at = offset;
    for (let row = 0; row < rows; row++, at += stride) {
      let value = load<f32>(dy + at);
      if (y != 0) {
        if (load<f32>(y + at) <= 0) value = 0;
        store<f32>(to + at, value);
      }
      sum += value;
    }
    store<f32>(sums, sum);
  }
}

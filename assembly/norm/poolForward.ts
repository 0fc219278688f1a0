import { multiplyAdd } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { noWinner, storeAsBytes } from "../pool/window";
import { WideRecord } from "./wide";

/**
 * The last pass of batch normalisation joined with max pooling of 2×2 windows side by side: the normalised tensor, four
 * times the result, is never written. x [rows, 2, columns, 2, channels] → y [rows, columns, channels], rows being those of all
 * images. y = the largest normalised value of the window, then max(y, 0) if `relu`. NaN wins. `winners`, unless 0, are
 * those of `maxPool`.
 */
@unmanaged
export class BatchNormPoolRecord extends WideRecord {
  table: usize;
  y: usize;
  winners: usize;
  rows: i32;
  columns: i32;
  relu: bool;
}

export function batchNormPool(record: BatchNormPoolRecord, thread: i32, threads: i32): void {
  assert((record.channels & 3) == 0 && record.width % record.channels == 0);
  const pixelBytes = (<usize>record.channels) << 2;
  const lineBytes = (<usize>record.columns * pixelBytes) << 1;
  const rowBytes = (<usize>record.width) << 2;
  const relu = record.relu;
  const last = shareEnd(record.rows, 1, thread, threads);
  for (let row = shareStart(record.rows, 1, thread, threads); row < last; row++) {
    let x = record.x + ((<usize>row * lineBytes) << 1);
    const output = <usize>row * <usize>record.columns * <usize>record.channels;
    let y = record.y + (output << 2);
    let winners: usize = record.winners == 0 ? 0 : record.winners + output;
    for (let column = 0; column < record.columns; column++, x += pixelBytes) {
      for (let c: usize = 0; c < pixelBytes; c += 16, x += 16, y += 16) {
        poolNormalised(x, pixelBytes, lineBytes, record.table + c, rowBytes, y, winners, relu);
        if (winners != 0) winners += 4;
      }
    }
  }
}

/** Four channels of one window, whose first position is at x. */
// @ts-ignore: decorator
@inline
function poolNormalised(
  x: usize,
  pixelBytes: usize,
  lineBytes: usize,
  table: usize,
  rowBytes: usize,
  y: usize,
  winners: usize,
  relu: bool,
): void {
  const center = v128.load(table);
  const scale = v128.load(table + rowBytes);
  const offset = v128.load(table + (rowBytes << 1));
  const zero = f32x4.splat(0);
  const below = x + lineBytes;
  const a = comparable(f32x4.sub(v128.load(x), center), scale, offset);
  const b = comparable(f32x4.sub(v128.load(x + pixelBytes), center), scale, offset);
  const c = comparable(f32x4.sub(v128.load(below), center), scale, offset);
  const d = comparable(f32x4.sub(v128.load(below + pixelBytes), center), scale, offset);
  let largest = f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d));
  // 0, −1, −2 or −3: how many positions come before the first that holds the largest value.
  const notFirst = f32x4.ne(a, largest);
  const notSecond = v128.and(notFirst, f32x4.ne(b, largest));
  const notThird = v128.and(notSecond, f32x4.ne(c, largest));
  let winner = i32x4.sub(zero, i32x4.add(notFirst, i32x4.add(notSecond, notThird)));
  // pmax may lose a NaN; a sum is NaN if a term is (or for infinities of both signs, which then take this way in vain).
  const total = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  if (v128.any_true(f32x4.ne(total, total))) {
    largest = a;
    winner = zero;
    for (let position = 1; position < 4; position++) {
      const value = position == 1 ? b : position == 2 ? c : d;
      const wins = v128.or(f32x4.gt(value, largest), f32x4.ne(value, value));
      largest = v128.bitselect(value, largest, wins);
      winner = v128.bitselect(i32x4.splat(position), winner, wins);
    }
  }
  let result = ASC_FEATURE_RELAXED_SIMD ? largest : f32x4.add(largest, offset);
  if (relu) {
    winner = v128.or(winner, v128.and(f32x4.le(result, zero), i32x4.splat(noWinner)));
    result = f32x4.pmax(result, zero);
  }
  v128.store(y, result);
  if (winners != 0) storeAsBytes(winners, winner);
}

/**
 * What the values of a window are compared by: the normalised value where multiply and add are fused, else its product,
 * to which the largest adds the offset. Rounding keeps order, so both give what normalising first would.
 */
// @ts-ignore: decorator
@inline
function comparable(centered: v128, scale: v128, offset: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? multiplyAdd(centered, scale, offset) : f32x4.mul(centered, scale);
}

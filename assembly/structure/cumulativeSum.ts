import { lowerAsF64, upperAsF64 } from "../math/lanes";
import { partsOf, shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";

/**
 * y [A, K, C] = the sums of x along the axis in the middle, up to each element and with it, or from it on where `reverse`. Elements
 * are float32, added in float64, or int32 where `isInteger`.
 */
@unmanaged
export class CumulativeSumRecord extends KernelRecord {
  x: usize;
  y: usize;
  A: i32;
  K: i32;
  C: i32;
  reverse: bool;
  isInteger: bool;
}

/** Columns that are summed together: a line of the cache. */
const group: i32 = 16;

export function cumulativeSum(record: CumulativeSumRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.x | record.y));
  const K = record.K;
  const C = record.C;
  const groups = partsOf(C, group);
  const end = shareEnd(record.A * groups, 1, thread, threads);
  const step: isize = record.reverse ? -(C << 2) : C << 2;
  for (let at = shareStart(record.A * groups, 1, thread, threads); at < end; at++) {
    const a = at / groups;
    const c = (at - a * groups) * group;
    const last = min(c + group, C);
    const start = (a * K + (record.reverse ? K - 1 : 0)) * C;
    let column = c;
    if (!record.isInteger) {
      for (; column + 4 <= last; column += 4) {
        const offset = (<usize>(start + column)) << 2;
        sumFour(record.x + offset, record.y + offset, K, step);
      }
    }
    for (; column < last; column++) {
      const offset = (<usize>(start + column)) << 2;
      if (record.isInteger) sumIntegers(record.x + offset, record.y + offset, K, step);
      else sumFloats(record.x + offset, record.y + offset, K, step);
    }
  }
}

/** Four neighbouring columns, in the bits of one alone. */
function sumFour(x: usize, y: usize, count: i32, step: isize): void {
  let lower = f64x2.splat(0);
  let upper = f64x2.splat(0);
  for (let k = 0; k < count; k++, x += step, y += step) {
    const next = v128.load(x);
    lower = f64x2.add(lower, lowerAsF64(next));
    upper = f64x2.add(upper, upperAsF64(next));
    const sums = v128.shuffle<i64>(f32x4.demote_f64x2_zero(lower), f32x4.demote_f64x2_zero(upper), 0, 2);
    v128.store(y, sums);
  }
}

function sumFloats(x: usize, y: usize, count: i32, step: isize): void {
  let sum: f64 = 0;
  for (let k = 0; k < count; k++, x += step, y += step) {
    sum += <f64>load<f32>(x);
    store<f32>(y, <f32>sum);
  }
}

function sumIntegers(x: usize, y: usize, count: i32, step: isize): void {
  let sum: i32 = 0;
  for (let k = 0; k < count; k++, x += step, y += step) {
    sum += load<i32>(x);
    store<i32>(y, sum);
  }
}

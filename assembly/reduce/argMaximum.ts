import { loadPartial, storePartial } from "../math/lanes";
import { partsOf, shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";

/**
 * y[o, i] = the first k at which x[o, k, i] is largest, or smallest if `isMinimum`, as int32. NaN counts as beyond all numbers,
 * −0 as 0. length ≥ 1.
 */
@unmanaged
export class ArgMaximumRecord extends KernelRecord {
  x: usize;
  y: usize;
  outer: i32;
  length: i32;
  inner: i32;
  isMinimum: bool;
}

/** Inner indices that are looked at together: a line of the cache. */
const columnsTogether: i32 = 16;

export function argMaximum(record: ArgMaximumRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.x | record.y) && record.length > 0);
  const inner = record.inner;
  const sign = f32x4.splat(record.isMinimum ? -0.0 : 0);
  const tiles = partsOf(inner, columnsTogether);
  const end = shareEnd(record.outer * tiles, 1, thread, threads);
  for (let unit = shareStart(record.outer * tiles, 1, thread, threads); unit < end; unit++) {
    const row = unit / tiles;
    const x = record.x + ((<usize>row * <usize>record.length * <usize>inner) << 2);
    const y = record.y + ((<usize>row * <usize>inner) << 2);
    if (inner == 1) {
      store<i32>(y, alongRow(x, record.length, sign));
      continue;
    }
    const first = (unit - row * tiles) * columnsTogether;
    const last = min(first + columnsTogether, inner);
    for (let column = first; column < last; column += 4) {
      const offset = (<usize>column) << 2;
      const stride = (<usize>inner) << 2;
      alongColumns(x + offset, y + offset, record.length, stride, last - column, sign);
    }
  }
}

/** Numbers as integers in the same order: NaN above all, −0 as 0. `sign` turns the order around. */
// @ts-ignore: decorator
@inline
function ordered(x: v128, sign: v128): v128 {
  const bits = f32x4.add(v128.xor(x, sign), f32x4.splat(0));
  const key = v128.xor(bits, v128.and(i32x4.shr_s(bits, 31), i32x4.splat(0x7fffffff)));
  return v128.bitselect(i32x4.splat(0x7fffffff), key, f32x4.ne(x, x));
}

function alongColumns(x: usize, y: usize, length: i32, stride: usize, columns: i32, sign: v128): void {
  let best = ordered(loadPartial(x, columns), sign);
  let index = i32x4.splat(0);
  for (let k = 1; k < length; k++) {
    x += stride;
    const key = ordered(loadPartial(x, columns), sign);
    const isBetter = i32x4.gt_s(key, best);
    best = i32x4.max_s(key, best);
    index = v128.bitselect(i32x4.splat(k), index, isBetter);
  }
  storePartial(y, index, columns);
}

function alongRow(x: usize, length: i32, sign: v128): i32 {
  let best = ordered(v128.load32_splat(x), sign);
  let index = i32x4.splat(0);
  let lanes = i32x4(0, 1, 2, 3);
  let k = 0;
  for (; k + 4 <= length; k += 4, x += 16) {
    const key = ordered(v128.load(x), sign);
    const isBetter = i32x4.gt_s(key, best);
    best = i32x4.max_s(key, best);
    index = v128.bitselect(lanes, index, isBetter);
    lanes = i32x4.add(lanes, i32x4.splat(4));
  }
  let largest = i32x4.extract_lane(best, 0);
  let place = i32x4.extract_lane(index, 0);
  for (let lane = 1; lane < 4; lane++) {
    best = v128.shuffle<i32>(best, best, 1, 2, 3, 0);
    index = v128.shuffle<i32>(index, index, 1, 2, 3, 0);
    const value = i32x4.extract_lane(best, 0);
    const other = i32x4.extract_lane(index, 0);
    if (value > largest || (value == largest && other < place)) {
      largest = value;
      place = other;
    }
  }
  for (; k < length; k++, x += 4) {
    const value = i32x4.extract_lane(ordered(v128.load32_splat(x), sign), 0);
    if (value > largest) {
      largest = value;
      place = k;
    }
  }
  return place;
}

import { Maximum, Minimum, reduceRun } from "../pointwise/accumulate";
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
      const isMinimum = record.isMinimum;
      store<i32>(y, isMinimum ? alongRow<Minimum>(x, record.length, false) : alongRow<Maximum>(x, record.length, true));
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

/** Elements of which the extremum is found before their places are looked at. */
const block: i32 = 256;

/** The block with the extremum first, then its place in it. */
function alongRow<F>(x: usize, length: i32, isBeyond: bool): i32 {
  let best: f32 = NaN;
  let place = -1;
  for (let k = 0; k < length; k += block) {
    const count = min(length - k, block);
    const value = f32x4.extract_lane(reduceRun<F>(x + ((<usize>k) << 2), count), 0);
    const isNaN = value != value;
    if (place < 0 || isNaN || (isBeyond ? value > best : value < best)) {
      best = value;
      place = k;
      if (isNaN) break;
    }
  }
  return place + placeOf(x + ((<usize>place) << 2), min(length - place, block), best);
}

/** Where an element, or the first NaN, stands among `count`. */
function placeOf(x: usize, count: i32, element: f32): i32 {
  const wanted = f32x4.splat(element);
  let k = 0;
  let found = 0;
  while (found == 0) {
    const lanes = loadPartial(x, count - k);
    found = i32x4.bitmask(v128.or(f32x4.eq(lanes, wanted), f32x4.ne(lanes, lanes)));
    x += 16;
    k += 4;
  }
  return k - 4 + ctz(found);
}

import { laneMask, loadPartial } from "../math/lanes";

// How elements are reduced: each class has the element that changes nothing, in all lanes, and how two are combined.

@unmanaged
export class Sum {
  // @ts-ignore: decorator
  @inline
  identity(): v128 {
    return f32x4.splat(0);
  }
  // @ts-ignore: decorator
  @inline
  combine(a: v128, b: v128): v128 {
    return f32x4.add(a, b);
  }
}


@unmanaged
export class Product {
  // @ts-ignore: decorator
  @inline
  identity(): v128 {
    return f32x4.splat(1);
  }
  // @ts-ignore: decorator
  @inline
  combine(a: v128, b: v128): v128 {
    return f32x4.mul(a, b);
  }
}

/** NaN if there is one. */
@unmanaged
export class Maximum {
  // @ts-ignore: decorator
  @inline
  identity(): v128 {
    return f32x4.splat(-Infinity);
  }
  // @ts-ignore: decorator
  @inline
  combine(a: v128, b: v128): v128 {
    // pmax(a, b) is `a < b ? b : a`: it keeps a NaN in a and passes over one in b. f32x4.max takes twice the time.
    return v128.or(f32x4.pmax(a, b), f32x4.ne(b, b));
  }
}

/** NaN if there is one. */
@unmanaged
export class Minimum {
  // @ts-ignore: decorator
  @inline
  identity(): v128 {
    return f32x4.splat(Infinity);
  }
  // @ts-ignore: decorator
  @inline
  combine(a: v128, b: v128): v128 {
    return v128.or(f32x4.pmin(a, b), f32x4.ne(b, b));
  }
}


@unmanaged
export class SumOfIntegers {
  // @ts-ignore: decorator
  @inline
  identity(): v128 {
    return i32x4.splat(0);
  }
  // @ts-ignore: decorator
  @inline
  combine(a: v128, b: v128): v128 {
    return i32x4.add(a, b);
  }
}

/** Rows of at most so many elements are reduced four at a time. */
const shortRow: i32 = 64;

/** The first `count` of four elements; the others change nothing. */
// @ts-ignore: decorator
@inline
function loadOrIdentity<F>(at: usize, count: i32): v128 {
  const identity = changetype<F>(0).identity();
  return count >= 4 ? v128.load(at) : v128.bitselect(loadPartial(at, count), identity, laneMask(max(count, 0)));
}

/** All lanes of (a₀ ∘ a₁) ∘ (a₂ ∘ a₃). */
// @ts-ignore: decorator
@inline
function combineLanes<F>(a: v128): v128 {
  const f = changetype<F>(0);
  const pairs = f.combine(a, v128.shuffle<f32>(a, a, 1, 0, 3, 2));
  return f.combine(pairs, v128.shuffle<f32>(pairs, pairs, 2, 3, 0, 1));
}

/** All of `count` elements, in all lanes. The order follows from the count alone. */
export function reduceRun<F>(from: usize, count: i32): v128 {
  const f = changetype<F>(0);
  let first = f.identity();
  if (count > shortRow) {
    let second = first;
    let third = first;
    let fourth = first;
    for (; count >= 16; count -= 16, from += 64) {
      first = f.combine(first, v128.load(from));
      second = f.combine(second, v128.load(from, 16));
      third = f.combine(third, v128.load(from, 32));
      fourth = f.combine(fourth, v128.load(from, 48));
    }
    first = f.combine(f.combine(first, second), f.combine(third, fourth));
  }
  for (; count >= 4; count -= 4, from += 16) first = f.combine(first, v128.load(from));
  if (count > 0) first = f.combine(first, loadOrIdentity<F>(from, count));
  return combineLanes<F>(first);
}

/** Each of `rows` rows of `length` elements, which lie one after another, to one element at `to`. */
export function reduceRows<F>(from: usize, length: i32, rows: i32, to: usize): void {
  const stride = (<usize>length) << 2;
  let row = 0;
  if (length <= shortRow) {
    // The last of four rows may be read three elements beyond its end: there is another row.
    for (; row + 4 < rows; row += 4, from += 4 * stride) reduceFour<F>(from, length, stride, to + ((<usize>row) << 2));
  }
  for (; row < rows; row++, from += stride) {
    v128.store32_lane(to + ((<usize>row) << 2), reduceRun<F>(from, length), 0);
  }
}

/** Four rows at once, in the order in which `reduceRun` takes each. */
// @ts-ignore: decorator
@inline
function reduceFour<F>(from: usize, length: i32, stride: usize, to: usize): void {
  const f = changetype<F>(0);
  const identity = f.identity();
  let a = identity;
  let b = a;
  let c = a;
  let d = a;
  let count = length;
  for (; count >= 4; count -= 4, from += 16) {
    a = f.combine(a, v128.load(from));
    b = f.combine(b, v128.load(from + stride));
    c = f.combine(c, v128.load(from + 2 * stride));
    d = f.combine(d, v128.load(from + 3 * stride));
  }
  if (count > 0) {
    const mask = laneMask(count);
    a = f.combine(a, v128.bitselect(v128.load(from), identity, mask));
    b = f.combine(b, v128.bitselect(v128.load(from + stride), identity, mask));
    c = f.combine(c, v128.bitselect(v128.load(from + 2 * stride), identity, mask));
    d = f.combine(d, v128.bitselect(v128.load(from + 3 * stride), identity, mask));
  }
  const ab = f.combine(v128.shuffle<f32>(a, b, 0, 4, 2, 6), v128.shuffle<f32>(a, b, 1, 5, 3, 7));
  const cd = f.combine(v128.shuffle<f32>(c, d, 0, 4, 2, 6), v128.shuffle<f32>(c, d, 1, 5, 3, 7));
  v128.store(to, f.combine(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7)));
}

/** Rows of at most so many elements are walked down, with the accumulators in registers, and so are rows that lie apart. */
const narrow: i32 = 128;

/** Combines a row of `width` elements with accumulators: one stream, which the processor reads ahead. */
// @ts-ignore: decorator
@inline
function accumulateRow<F>(sums: usize, from: usize, width: i32): void {
  const f = changetype<F>(0);
  const end = from + ((<usize>(width & ~15)) << 2);
  for (; from < end; from += 64, sums += 64) {
    v128.store(sums, f.combine(v128.load(sums), v128.load(from)));
    v128.store(sums, f.combine(v128.load(sums, 16), v128.load(from, 16)), 16);
    v128.store(sums, f.combine(v128.load(sums, 32), v128.load(from, 32)), 32);
    v128.store(sums, f.combine(v128.load(sums, 48), v128.load(from, 48)), 48);
  }
  for (let rest = width & 15; rest > 0; rest -= 4, from += 16, sums += 16) {
    v128.store(sums, f.combine(v128.load(sums), loadOrIdentity<F>(from, rest)));
  }
}

/**
 * Combines `rows` rows of `width` elements, `stride` bytes apart, with as many accumulators, and the first `rest` of them with what
 * stands behind the last row.
 */
export function accumulate<F>(sums: usize, from: usize, rows: i32, stride: usize, width: i32, rest: i32): void {
  const f = changetype<F>(0);
  if (width > narrow && stride == (<usize>width) << 2) {
    for (; rows > 0; rows--, from += stride) accumulateRow<F>(sums, from, width);
  }
  const end = from + <usize>rows * stride;
  let column = 0;
  for (; column + 16 <= width; column += 16) {
    const offset = (<usize>column) << 2;
    let a = v128.load(sums + offset);
    let b = v128.load(sums + offset, 16);
    let c = v128.load(sums + offset, 32);
    let d = v128.load(sums + offset, 48);
    for (let at = from + offset; at < end; at += stride) {
      a = f.combine(a, v128.load(at));
      b = f.combine(b, v128.load(at, 16));
      c = f.combine(c, v128.load(at, 32));
      d = f.combine(d, v128.load(at, 48));
    }
    v128.store(sums + offset, a);
    v128.store(sums + offset, b, 16);
    v128.store(sums + offset, c, 32);
    v128.store(sums + offset, d, 48);
  }
  for (; column + 4 <= width; column += 4) {
    const offset = (<usize>column) << 2;
    let a = v128.load(sums + offset);
    for (let at = from + offset; at < end; at += stride) a = f.combine(a, v128.load(at));
    v128.store(sums + offset, a);
  }
  if (column < width) {
    const offset = (<usize>column) << 2;
    let a = v128.load(sums + offset);
    for (let at = from + offset; at < end; at += stride) a = f.combine(a, loadOrIdentity<F>(at, width - column));
    v128.store(sums + offset, a);
  }
  for (let at = end; rest > 0; rest -= 4, at += 16, sums += 16) {
    v128.store(sums, f.combine(v128.load(sums), loadOrIdentity<F>(at, rest)));
  }
}

import { loadPartial, storePartial } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";

/**
 * y [A, P, Q, C] of x [A, H, W, C]: along the rows and along the columns each position of y is a sum of neighbouring positions of
 * x, weighted or not, over a divisor. Averages over windows, interpolation and the adjoints of both are such sums.
 *
 * A table has 16 bytes for each position of y: the first position of x, how many there are (0: y is 0), where their weights begin
 * (−1: they are 1), and the divisor, a float. A table that is 0 leaves the axis as it is.
 */
@unmanaged
export class ResampleRecord extends KernelRecord {
  x: usize;
  y: usize;
  rows: usize;
  rowWeights: usize;
  columns: usize;
  columnWeights: usize;
  /** A row of x for each thread, where both axes have a table. */
  scratch: usize;
  A: i32;
  H: i32;
  W: i32;
  C: i32;
  P: i32;
  Q: i32;
}

/** Threads share the rows of y. A row of sums along the columns' axis stays in the cache until it is summed along itself. */
export function resample(record: ResampleRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.x | record.y | record.rows | record.columns | record.scratch));
  const P = record.P;
  const pixelBytes = (<usize>record.C) << 2;
  const rowBytes = <usize>record.W * pixelBytes;
  const buffer = record.scratch + <usize>thread * rowBytes;
  const first = shareStart(record.A * P, 1, thread, threads);
  const end = shareEnd(record.A * P, 1, thread, threads);
  let y = record.y + <usize>first * <usize>record.Q * pixelBytes;
  for (let row = first; row < end; row++) {
    const a = row / P;
    const p = row - a * P;
    let from = record.x + <usize>(a * record.H) * rowBytes;
    let divisor: f32 = 1;
    if (record.rows == 0) from += <usize>p * rowBytes;
    else {
      const entry = record.rows + ((<usize>p) << 4);
      divisor = load<f32>(entry, 12);
      if (record.columns == 0) {
        combine(y, from, rowBytes, rowBytes, entry, record.rowWeights, divisor);
        y += rowBytes;
        continue;
      }
      if (load<i32>(entry, 4) == 1 && load<i32>(entry, 8) < 0) from += <usize>load<i32>(entry) * rowBytes;
      else {
        combine(buffer, from, rowBytes, rowBytes, entry, record.rowWeights, 1);
        from = buffer;
      }
    }
    let entry = record.columns;
    for (let q = 0; q < record.Q; q++, entry += 16, y += pixelBytes) {
      combine(y, from, pixelBytes, pixelBytes, entry, record.columnWeights, divisor * load<f32>(entry, 12));
    }
  }
}

/**
 * Writes `bytes` of sums to `to`: of the positions that `entry` names, `step` bytes from one of `from` to the next, over the divisor.
 */
// @ts-ignore: decorator
@inline
function combine(
  to: usize,
  from: usize,
  bytes: usize,
  step: usize,
  entry: usize,
  allWeights: usize,
  divisor: f32,
): void {
  const count = load<i32>(entry, 4);
  if (count == 0) {
    memory.fill(to, 0, bytes);
    return;
  }
  const at = from + <usize>load<i32>(entry) * step;
  const place = load<i32>(entry, 8);
  const weights = place < 0 ? <usize>0 : allWeights + ((<usize>place) << 2);
  // Powers of two, of which the reciprocal is exact, are multiplied by: divisions take several times as long.
  const isExact = (reinterpret<i32>(divisor) & 0x7fffff) == 0;
  const factor: f32 = isExact ? 1 / divisor : 1;
  if (isExact) divisor = 1;
  if (count > 2) several(to, at, bytes, step, count, weights, factor, divisor);
  else {
    const first: f32 = weights == 0 ? factor : load<f32>(weights) * factor;
    if (count == 1) single(to, at, bytes, first, divisor);
    else pairs(to, at, bytes, step, first, weights == 0 ? factor : load<f32>(weights, 4) * factor, divisor);
  }
}

/** Of one position. */
function single(to: usize, from: usize, bytes: usize, factor: f32, divisor: f32): void {
  const end = to + bytes;
  if (factor == 1 && divisor == 1) {
    for (; to + 64 <= end; to += 64, from += 64) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      v128.store(to, v128.load(from, 32), 32);
      v128.store(to, v128.load(from, 48), 48);
    }
  }
  const w = f32x4.splat(factor);
  for (; to + 16 <= end; to += 16, from += 16) v128.store(to, divided(f32x4.mul(v128.load(from), w), divisor));
  const lanes = (end - to) >> 2;
  if (lanes > 0) storePartial(to, divided(f32x4.mul(loadPartial(from, lanes), w), divisor), lanes);
}

/** Of two positions, the most frequent case. */
function pairs(to: usize, from: usize, bytes: usize, step: usize, first: f32, second: f32, divisor: f32): void {
  const end = to + bytes;
  const a = f32x4.splat(first);
  const b = f32x4.splat(second);
  let other = from + step;
  for (; to + 32 <= end; to += 32, from += 32, other += 32) {
    const low = f32x4.add(f32x4.mul(v128.load(from), a), f32x4.mul(v128.load(other), b));
    const high = f32x4.add(f32x4.mul(v128.load(from, 16), a), f32x4.mul(v128.load(other, 16), b));
    v128.store(to, divided(low, divisor));
    v128.store(to, divided(high, divisor), 16);
  }
  for (; to < end; to += 16, from += 16, other += 16) {
    const lanes = (end - to) >> 2;
    const sum = f32x4.add(f32x4.mul(loadPartial(from, lanes), a), f32x4.mul(loadPartial(other, lanes), b));
    storePartial(to, divided(sum, divisor), lanes);
  }
}

/** Of `count` positions; no weights: the sum times the factor. */
function several(
  to: usize,
  from: usize,
  bytes: usize,
  step: usize,
  count: i32,
  weights: usize,
  factor: f32,
  divisor: f32,
): void {
  const end = to + bytes;
  const w = f32x4.splat(factor);
  const length = <usize>count * step;
  for (; to + 64 <= end; to += 64, from += 64) {
    let a = f32x4.splat(-0.0);
    let b = a;
    let c = a;
    let d = a;
    const last = from + length;
    if (weights == 0) {
      for (let at = from; at < last; at += step) {
        a = f32x4.add(a, v128.load(at));
        b = f32x4.add(b, v128.load(at, 16));
        c = f32x4.add(c, v128.load(at, 32));
        d = f32x4.add(d, v128.load(at, 48));
      }
    } else {
      for (let at = from, weight = weights; at < last; at += step, weight += 4) {
        const w = v128.load32_splat(weight);
        a = f32x4.add(a, f32x4.mul(v128.load(at), w));
        b = f32x4.add(b, f32x4.mul(v128.load(at, 16), w));
        c = f32x4.add(c, f32x4.mul(v128.load(at, 32), w));
        d = f32x4.add(d, f32x4.mul(v128.load(at, 48), w));
      }
    }
    v128.store(to, divided(f32x4.mul(a, w), divisor));
    v128.store(to, divided(f32x4.mul(b, w), divisor), 16);
    v128.store(to, divided(f32x4.mul(c, w), divisor), 32);
    v128.store(to, divided(f32x4.mul(d, w), divisor), 48);
  }
  for (; to < end; to += 16, from += 16) {
    const lanes = (end - to) >> 2;
    let a = f32x4.splat(-0.0);
    for (let t = 0, at = from; t < count; t++, at += step) {
      const value = loadPartial(at, lanes);
      const term = weights == 0 ? value : f32x4.mul(value, v128.load32_splat(weights + ((<usize>t) << 2)));
      a = f32x4.add(a, term);
    }
    storePartial(to, divided(f32x4.mul(a, w), divisor), lanes);
  }
}

// @ts-ignore: decorator
@inline
function divided(sum: v128, divisor: f32): v128 {
  return divisor == 1 ? sum : f32x4.div(sum, f32x4.splat(divisor));
}

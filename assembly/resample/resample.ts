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
  const weights = load<i32>(entry, 8);
  if (weights >= 0) weighted(to, at, bytes, step, count, allWeights + ((<usize>weights) << 2), divisor);
  else if (count == 2) pairs(to, at, bytes, step, divisor);
  else unweighted(to, at, bytes, step, count, divisor);
}

function weighted(to: usize, from: usize, bytes: usize, step: usize, count: i32, weights: usize, divisor: f32): void {
  const end = to + bytes;
  for (; to + 32 <= end; to += 32, from += 32) {
    let weight = v128.load32_splat(weights);
    let a = f32x4.mul(v128.load(from), weight);
    let b = f32x4.mul(v128.load(from, 16), weight);
    for (let t = 1, at = from + step; t < count; t++, at += step) {
      weight = v128.load32_splat(weights + ((<usize>t) << 2));
      a = f32x4.add(a, f32x4.mul(v128.load(at), weight));
      b = f32x4.add(b, f32x4.mul(v128.load(at, 16), weight));
    }
    v128.store(to, divided(a, divisor));
    v128.store(to, divided(b, divisor), 16);
  }
  for (; to < end; to += 16, from += 16) {
    const lanes = (end - to) >> 2;
    let a = f32x4.mul(loadPartial(from, lanes), v128.load32_splat(weights));
    for (let t = 1, at = from + step; t < count; t++, at += step) {
      const weight = v128.load32_splat(weights + ((<usize>t) << 2));
      a = f32x4.add(a, f32x4.mul(loadPartial(at, lanes), weight));
    }
    storePartial(to, divided(a, divisor), lanes);
  }
}

function unweighted(to: usize, from: usize, bytes: usize, step: usize, count: i32, divisor: f32): void {
  const end = to + bytes;
  for (; to + 32 <= end; to += 32, from += 32) {
    let a = v128.load(from);
    let b = v128.load(from, 16);
    for (let t = 1, at = from + step; t < count; t++, at += step) {
      a = f32x4.add(a, v128.load(at));
      b = f32x4.add(b, v128.load(at, 16));
    }
    v128.store(to, divided(a, divisor));
    v128.store(to, divided(b, divisor), 16);
  }
  for (; to < end; to += 16, from += 16) {
    const lanes = (end - to) >> 2;
    let a = loadPartial(from, lanes);
    for (let t = 1, at = from + step; t < count; t++, at += step) a = f32x4.add(a, loadPartial(at, lanes));
    storePartial(to, divided(a, divisor), lanes);
  }
}

/** `unweighted` for two positions. */
function pairs(to: usize, from: usize, bytes: usize, step: usize, divisor: f32): void {
  const end = to + bytes;
  for (; to + 16 <= end; to += 16, from += 16) {
    v128.store(to, divided(f32x4.add(v128.load(from), v128.load(from + step)), divisor));
  }
  if (to == end) return;
  const lanes = (end - to) >> 2;
  storePartial(to, divided(f32x4.add(loadPartial(from, lanes), loadPartial(from + step, lanes)), divisor), lanes);
}

// @ts-ignore: decorator
@inline
function divided(sum: v128, divisor: f32): v128 {
  return divisor == 1 ? sum : f32x4.div(sum, f32x4.splat(divisor));
}

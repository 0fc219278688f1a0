import { floatAt, setFloat } from "../math/floats";
import { laneMask, loadPartial, multiplyAdd, storePartial, sumLanes } from "../math/lanes";
import { partsOf, shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";

/** Rows that are normalised each by itself: x [rows, columns], its rows xRow floats apart. */
@unmanaged
export class RowsRecord extends KernelRecord {
  x: usize;
  gamma: usize;
  saved: usize;
  rows: i32;
  columns: i32;
  xRow: i32;
  /** Whether the mean of a row is taken away (layer norm), or only its size divided by (RMS norm). */
  centered: bool;
}

/**
 * y = (x − mean)/√(variance + epsilon)·gamma + beta for each row, dense. saved [rows, 3] keeps what backward needs of a row: its
 * center, which is the mean rounded to float32, then s and i = 1/√(variance + epsilon), such that x̂ = (x − center)·i + s. The variance is
 * formed about the center, in a second pass, so nothing cancels. Without `centered` the mean counts as 0.
 */
@unmanaged
export class RowNormRecord extends RowsRecord {
  beta: usize;
  y: usize;
  epsilon: f32;
}

/** Bytes of a row that are summed in float32; sums of such blocks are added in float64. */
const blockBytes: usize = 4096;

export function rowNorm(record: RowNormRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.x | record.y | record.gamma | record.beta | record.saved));
  assert(record.rows >= 0 && record.columns >= 0);
  const bytes = (<usize>record.columns) << 2;
  const beta = record.beta;
  const gamma = record.gamma;
  const last = <usize>shareEnd(record.rows, 1, thread, threads);
  for (let row = <usize>shareStart(record.rows, 1, thread, threads); row < last; row++) {
    const x = record.x + ((row * <usize>record.xRow) << 2);
    const y = record.y + row * bytes;
    const saved = record.saved + row * 12;
    statisticsOfRow(x, bytes, saved, record.epsilon, record.centered);
    const center = v128.load32_splat(saved);
    const shift = v128.load32_splat(saved, 4);
    const inverse = v128.load32_splat(saved, 8);
    let at: usize = 0;
    for (; at + 32 <= bytes; at += 32) {
      const a = standardised(v128.load(x + at), center, shift, inverse);
      const b = standardised(v128.load(x + at, 16), center, shift, inverse);
      v128.store(y + at, multiplyAdd(a, v128.load(gamma + at), v128.load(beta + at)));
      v128.store(y + at, multiplyAdd(b, v128.load(gamma + at, 16), v128.load(beta + at, 16)), 16);
    }
    for (; at < bytes; at += 16) {
      const left = (bytes - at) >> 2;
      const a = standardised(loadPartial(x + at, left), center, shift, inverse);
      storePartial(y + at, multiplyAdd(a, loadPartial(gamma + at, left), loadPartial(beta + at, left)), left);
    }
  }
}

/** (x − mean)/√(variance + epsilon): the shift makes up for the rounding of the center. */
// @ts-ignore: decorator
@inline
function standardised(x: v128, center: v128, shift: v128, inverse: v128): v128 {
  return multiplyAdd(f32x4.sub(x, center), inverse, shift);
}

function statisticsOfRow(x: usize, bytes: usize, saved: usize, epsilon: f32, centered: bool): void {
  const count = <f64>(bytes >> 2);
  const center: f32 = centered ? <f32>(sumOfRow(x, bytes) / count) : 0;
  const centers = f32x4.splat(center);
  let sum: f64 = 0;
  let squares: f64 = 0;
  let at: usize = 0;
  while (at < bytes) {
    const end = min(at + blockBytes, bytes);
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let q0 = s0;
    let q1 = s0;
    for (; at + 32 <= end; at += 32) {
      const a = f32x4.sub(v128.load(x + at), centers);
      const b = f32x4.sub(v128.load(x + at, 16), centers);
      s0 = f32x4.add(s0, a);
      s1 = f32x4.add(s1, b);
      q0 = multiplyAdd(a, a, q0);
      q1 = multiplyAdd(b, b, q1);
    }
    for (; at < end; at += 16) {
      const left = (end - at) >> 2;
      const a = v128.and(f32x4.sub(loadPartial(x + at, left), centers), laneMask(left));
      s0 = f32x4.add(s0, a);
      q0 = multiplyAdd(a, a, q0);
    }
    at = end;
    sum += <f64>sumLanes(f32x4.add(s0, s1));
    squares += <f64>sumLanes(f32x4.add(q0, q1));
  }
  const low = centered ? sum / count : 0;
  const variance = max<f64>(squares / count - low * low, 0);
  const inverse = 1 / Math.sqrt(variance + <f64>epsilon);
  store<f32>(saved, center);
  store<f32>(saved, <f32>(-low * inverse), 4);
  store<f32>(saved, <f32>inverse, 8);
}

function sumOfRow(x: usize, bytes: usize): f64 {
  let sum: f64 = 0;
  const last = x + bytes;
  while (x < last) {
    const end = min(x + blockBytes, last);
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (; x + 64 <= end; x += 64) {
      s0 = f32x4.add(s0, v128.load(x));
      s1 = f32x4.add(s1, v128.load(x, 16));
      s2 = f32x4.add(s2, v128.load(x, 32));
      s3 = f32x4.add(s3, v128.load(x, 48));
    }
    for (; x < end; x += 16) s0 = f32x4.add(s0, loadPartial(x, (end - x) >> 2));
    x = end;
    sum += <f64>sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  }
  return sum;
}

/**
 * With g = dy·gamma and x̂ the standardised row: dx = (g − mean(g) − x̂·mean(g·x̂))/√(variance + epsilon), without mean(g) unless
 * `centered`. Rows are taken in chunks of `chunkRows`; partials [chunks, 2, columns] become Σ dy·x̂ and Σ dy over each, in float32.
 * Rows of dy lie dyRow floats apart, those of dx are dense. dx may be 0.
 */
@unmanaged
export class RowNormBackwardRecord extends RowsRecord {
  dy: usize;
  dx: usize;
  partials: usize;
  chunkRows: i32;
  dyRow: i32;
}

export function rowNormBackward(record: RowNormBackwardRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.x | record.dy | record.dx | record.gamma | record.saved | record.partials));
  assert(record.chunkRows > 0);
  const bytes = (<usize>record.columns) << 2;
  const chunkRows = record.chunkRows;
  const chunks = partsOf(record.rows, chunkRows);
  const last = shareEnd(chunks, 1, thread, threads);
  for (let chunk = shareStart(chunks, 1, thread, threads); chunk < last; chunk++) {
    const partial = record.partials + <usize>(2 * chunk) * bytes;
    memory.fill(partial, 0, 2 * bytes);
    const end = <usize>min((chunk + 1) * chunkRows, record.rows);
    let row = <usize>(chunk * chunkRows);
    // Two rows share the way through gamma and the partial sums.
    for (; row + 2 <= end; row += 2) backwardOfRows(record, row, bytes, partial, true);
    if (row < end) backwardOfRows(record, row, bytes, partial, false);
  }
}

/** One row, or two. */
// @ts-ignore: decorator
@inline
function backwardOfRows(record: RowNormBackwardRecord, row: usize, bytes: usize, partial: usize, pair: bool): void {
  const gamma = record.gamma;
  const x0 = record.x + ((row * <usize>record.xRow) << 2);
  const dy0 = record.dy + ((row * <usize>record.dyRow) << 2);
  const x1 = x0 + ((<usize>record.xRow) << 2);
  const dy1 = dy0 + ((<usize>record.dyRow) << 2);
  const saved = record.saved + row * 12;
  const center0 = v128.load32_splat(saved);
  const shift0 = v128.load32_splat(saved, 4);
  const inverse0 = v128.load32_splat(saved, 8);
  const center1 = pair ? v128.load32_splat(saved, 12) : center0;
  const shift1 = pair ? v128.load32_splat(saved, 16) : shift0;
  const inverse1 = pair ? v128.load32_splat(saved, 20) : inverse0;
  let sum0: f64 = 0;
  let sum1: f64 = 0;
  let products0: f64 = 0;
  let products1: f64 = 0;
  let at: usize = 0;
  while (at < bytes) {
    const end = min(at + blockBytes, bytes);
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let p0 = s0;
    let p1 = s0;
    for (; at + 16 <= end; at += 16) {
      const scale = v128.load(gamma + at);
      const upstream0 = v128.load(dy0 + at);
      let product = f32x4.mul(upstream0, standardised(v128.load(x0 + at), center0, shift0, inverse0));
      s0 = multiplyAdd(upstream0, scale, s0);
      p0 = multiplyAdd(product, scale, p0);
      let upstream = upstream0;
      if (pair) {
        const upstream1 = v128.load(dy1 + at);
        const product1 = f32x4.mul(upstream1, standardised(v128.load(x1 + at), center1, shift1, inverse1));
        s1 = multiplyAdd(upstream1, scale, s1);
        p1 = multiplyAdd(product1, scale, p1);
        product = f32x4.add(product, product1);
        upstream = f32x4.add(upstream, upstream1);
      }
      const to = partial + at;
      v128.store(to, f32x4.add(v128.load(to), product));
      v128.store(to + bytes, f32x4.add(v128.load(to + bytes), upstream));
    }
    const left = (end - at) >> 2;
    if (left > 0) {
      const scale = loadPartial(gamma + at, left);
      const upstream0 = loadPartial(dy0 + at, left);
      let product = f32x4.mul(upstream0, standardised(loadPartial(x0 + at, left), center0, shift0, inverse0));
      s0 = multiplyAdd(upstream0, scale, s0);
      p0 = multiplyAdd(product, scale, p0);
      let upstream = upstream0;
      if (pair) {
        const upstream1 = loadPartial(dy1 + at, left);
        const product1 = f32x4.mul(upstream1, standardised(loadPartial(x1 + at, left), center1, shift1, inverse1));
        s1 = multiplyAdd(upstream1, scale, s1);
        p1 = multiplyAdd(product1, scale, p1);
        product = f32x4.add(product, product1);
        upstream = f32x4.add(upstream, upstream1);
      }
      const to = partial + at;
      storePartial(to, f32x4.add(loadPartial(to, left), product), left);
      storePartial(to + bytes, f32x4.add(loadPartial(to + bytes, left), upstream), left);
    }
    at = end;
    sum0 += <f64>sumLanes(s0);
    products0 += <f64>sumLanes(p0);
    if (pair) {
      sum1 += <f64>sumLanes(s1);
      products1 += <f64>sumLanes(p1);
    }
  }
  if (record.dx == 0) return;
  writeGradient(record, row, x0, dy0, sum0, products0);
  if (pair) writeGradient(record, row + 1, x1, dy1, sum1, products1);
}

/**
 * dx = (g − mean(g) − x̂·mean(g·x̂))·inverse for one row, given Σ g and Σ g·x̂. The mean is taken from g before anything is multiplied:
 * where the variance is near 0 they cancel, and the inverse is large.
 */
function writeGradient(record: RowNormBackwardRecord, row: usize, x: usize, dy: usize, sum: f64, products: f64): void {
  const bytes = (<usize>record.columns) << 2;
  const dx = record.dx + row * bytes;
  const gamma = record.gamma;
  const saved = record.saved + row * 12;
  const count = <f64>record.columns;
  const tilt = -products / count;
  const center = v128.load32_splat(saved);
  const inverse = v128.load32_splat(saved, 8);
  const mean = f32x4.splat(record.centered ? <f32>(sum / count) : 0);
  const slope = f32x4.splat(<f32>(tilt * <f64>load<f32>(saved, 8)));
  const offset = f32x4.splat(<f32>(tilt * <f64>load<f32>(saved, 4)));
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const tilted = multiplyAdd(f32x4.sub(v128.load(x + at), center), slope, offset);
    const rest = f32x4.sub(f32x4.mul(v128.load(dy + at), v128.load(gamma + at)), mean);
    v128.store(dx + at, f32x4.mul(f32x4.add(rest, tilted), inverse));
  }
  const left = (bytes - at) >> 2;
  if (left > 0) {
    const tilted = multiplyAdd(f32x4.sub(loadPartial(x + at, left), center), slope, offset);
    const rest = f32x4.sub(f32x4.mul(loadPartial(dy + at, left), loadPartial(gamma + at, left)), mean);
    storePartial(dx + at, f32x4.mul(f32x4.add(rest, tilted), inverse), left);
  }
}

/** dgamma and dbeta (either may be 0): the partial sums of `chunks` chunks added in float64, in their order. */
@unmanaged
export class RowNormFinishRecord extends KernelRecord {
  partials: usize;
  dgamma: usize;
  dbeta: usize;
  columns: i32;
  chunks: i32;
}

export function rowNormFinish(record: RowNormFinishRecord, thread: i32, threads: i32): void {
  const columns = record.columns;
  const last = shareEnd(columns, 16, thread, threads);
  for (let column = shareStart(columns, 16, thread, threads); column < last; column++) {
    let products: f64 = 0;
    let sum: f64 = 0;
    for (let chunk = 0; chunk < record.chunks; chunk++) {
      const at = 2 * chunk * columns + column;
      products += <f64>floatAt(record.partials, at);
      sum += <f64>floatAt(record.partials, at + columns);
    }
    if (record.dgamma != 0) setFloat(record.dgamma, column, <f32>products);
    if (record.dbeta != 0) setFloat(record.dbeta, column, <f32>sum);
  }
}

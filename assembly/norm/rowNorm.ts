import { floatAt, setFloat } from "../math/floats";
import { laneMask, loadPartial, multiplyAdd, storePartial, sumLanes } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
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
 * center, which is the mean rounded to float32, what the rounding left of the mean, and 1/√(variance + epsilon). The variance is
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
    const low = v128.load32_splat(saved, 4);
    const inverse = v128.load32_splat(saved, 8);
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) {
      const normalised = standardised(v128.load(x + at), center, low, inverse);
      v128.store(y + at, multiplyAdd(normalised, v128.load(gamma + at), v128.load(beta + at)));
    }
    const left = (bytes - at) >> 2;
    if (left > 0) {
      const normalised = standardised(loadPartial(x + at, left), center, low, inverse);
      storePartial(y + at, multiplyAdd(normalised, loadPartial(gamma + at, left), loadPartial(beta + at, left)), left);
    }
  }
}

// @ts-ignore: decorator
@inline
function standardised(x: v128, center: v128, low: v128, inverse: v128): v128 {
  return f32x4.mul(f32x4.sub(f32x4.sub(x, center), low), inverse);
}

function statisticsOfRow(x: usize, bytes: usize, saved: usize, epsilon: f32, centered: bool): void {
  moments(x, bytes, 0, saved);
  let center: f32 = 0;
  let low: f32 = 0;
  if (centered) {
    center = load<f32>(saved);
    moments(x, bytes, center, saved);
    low = load<f32>(saved);
  }
  const variance = max<f64>(<f64>load<f32>(saved, 4) - <f64>low * <f64>low, 0);
  store<f32>(saved, center);
  store<f32>(saved, low, 4);
  store<f32>(saved, <f32>(1 / Math.sqrt(variance + <f64>epsilon)), 8);
}

/** Writes the means of x − center and of (x − center)² over a row. */
function moments(x: usize, bytes: usize, center: f32, to: usize): void {
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
  const count = <f64>(bytes >> 2);
  store<f32>(to, <f32>(sum / count));
  store<f32>(to, <f32>(squares / count), 4);
}

/**
 * With g = dy·gamma and x̂ the standardised row: dx = (g − mean(g) − x̂·mean(g·x̂))/√(variance + epsilon), without mean(g) unless
 * `centered`. Rows are taken in chunks of `chunkRows`; partials [chunks, 2, columns] become Σ dy·x̂ and Σ dy over each, in float32,
 * unless they are 0. Rows of dy lie dyRow floats apart, those of dx are dense. dx may be 0.
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
  const chunks = (record.rows + chunkRows - 1) / chunkRows;
  const last = shareEnd(chunks, 1, thread, threads);
  for (let chunk = shareStart(chunks, 1, thread, threads); chunk < last; chunk++) {
    const partial = record.partials + <usize>(2 * chunk) * bytes;
    if (record.partials != 0) memory.fill(partial, 0, 2 * bytes);
    const end = min((chunk + 1) * chunkRows, record.rows);
    for (let row = chunk * chunkRows; row < end; row++) {
      if (record.partials != 0) backwardOfRow(record, <usize>row, bytes, partial, true);
      else backwardOfRow(record, <usize>row, bytes, 0, false);
    }
  }
}

// @ts-ignore: decorator
@inline
function backwardOfRow(record: RowNormBackwardRecord, row: usize, bytes: usize, partial: usize, sums: bool): void {
  const x = record.x + ((row * <usize>record.xRow) << 2);
  const dy = record.dy + ((row * <usize>record.dyRow) << 2);
  const gamma = record.gamma;
  const saved = record.saved + row * 12;
  const center = v128.load32_splat(saved);
  const low = v128.load32_splat(saved, 4);
  const inverse = v128.load32_splat(saved, 8);
  let sum: f64 = 0;
  let products: f64 = 0;
  let at: usize = 0;
  while (at < bytes) {
    const end = min(at + blockBytes, bytes);
    let s = f32x4.splat(0);
    let p = s;
    for (; at + 16 <= end; at += 16) {
      const upstream = v128.load(dy + at);
      const normalised = standardised(v128.load(x + at), center, low, inverse);
      const g = f32x4.mul(upstream, v128.load(gamma + at));
      s = f32x4.add(s, g);
      p = multiplyAdd(g, normalised, p);
      if (sums) {
        const to = partial + at;
        v128.store(to, multiplyAdd(upstream, normalised, v128.load(to)));
        v128.store(to + bytes, f32x4.add(upstream, v128.load(to + bytes)));
      }
    }
    const left = (end - at) >> 2;
    if (left > 0) {
      const upstream = loadPartial(dy + at, left);
      const normalised = v128.and(standardised(loadPartial(x + at, left), center, low, inverse), laneMask(left));
      const g = f32x4.mul(upstream, loadPartial(gamma + at, left));
      s = f32x4.add(s, g);
      p = multiplyAdd(g, normalised, p);
      if (sums) {
        const to = partial + at;
        storePartial(to, multiplyAdd(upstream, normalised, loadPartial(to, left)), left);
        storePartial(to + bytes, f32x4.add(upstream, loadPartial(to + bytes, left)), left);
      }
    }
    at = end;
    sum += <f64>sumLanes(s);
    products += <f64>sumLanes(p);
  }
  if (record.dx != 0) {
    const count = <f64>record.columns;
    const mean = record.centered ? <f32>(sum / count) : 0;
    writeGradient(record, row, bytes, mean, <f32>(products / count));
  }
}

function writeGradient(record: RowNormBackwardRecord, row: usize, bytes: usize, mean: f32, slope: f32): void {
  const x = record.x + ((row * <usize>record.xRow) << 2);
  const dy = record.dy + ((row * <usize>record.dyRow) << 2);
  const dx = record.dx + row * bytes;
  const gamma = record.gamma;
  const saved = record.saved + row * 12;
  const center = v128.load32_splat(saved);
  const low = v128.load32_splat(saved, 4);
  const inverse = v128.load32_splat(saved, 8);
  const means = f32x4.splat(mean);
  const slopes = f32x4.splat(slope);
  for (let at: usize = 0; at < bytes; at += 16) {
    const left = (bytes - at) >> 2;
    const normalised = standardised(loadPartial(x + at, left), center, low, inverse);
    const g = f32x4.mul(loadPartial(dy + at, left), loadPartial(gamma + at, left));
    const rest = f32x4.sub(f32x4.sub(g, means), f32x4.mul(normalised, slopes));
    storePartial(dx + at, f32x4.mul(rest, inverse), left);
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

import { loadPartial, multiplyAdd, storePartial } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { normalised } from "./apply";
import { floatAt, high, low, setFloat } from "./finish";
import { finishEnd, finishStart, WideRecord } from "./wide";

/**
 * Backward, first pass: partials[chunk] = (Σ g, Σ g·(x − center)) over each chunk of wide rows, two arrays of `width`. g is
 * dy, or with `relu` dy where the normalised y, computed again as the forward pass did, is not ≤ 0.
 */
@unmanaged
export class BatchNormBackwardReduceRecord extends WideRecord {
  dy: usize;
  table: usize;
  partials: usize;
  chunkRows: i32;
  relu: bool;
}

export function batchNormBackwardReduce(record: BatchNormBackwardReduceRecord, thread: i32, threads: i32): void {
  assert(((record.x | record.dy | record.table | record.partials) & 3) == 0);
  assert((record.width & 3) == 0 && record.width % record.channels == 0 && record.chunkRows > 0);
  const width = record.width;
  const wideRows = record.count / width;
  const chunkRows = record.chunkRows;
  const chunks = (wideRows + chunkRows - 1) / chunkRows;
  const blocks = (width + 7) >> 3;
  const rowBytes = (<usize>width) << 2;
  const last = shareEnd(chunks * blocks, 1, thread, threads);
  for (let item = shareStart(chunks * blocks, 1, thread, threads); item < last; item++) {
    const chunk = item / blocks;
    const lane = (item - chunk * blocks) << 3;
    const offset = (<usize>lane) << 2;
    const rows = min(chunkRows, wideRows - chunk * chunkRows);
    const start = <usize>(chunk * chunkRows) * rowBytes + offset;
    const partial = record.partials + <usize>(chunk * 2) * rowBytes + offset;
    const table = record.table + offset;
    const x = record.x + start;
    const dy = record.dy + start;
    if (width - lane < 8) reduce4(x, dy, table, partial, rows, rowBytes, record.relu);
    else if (record.relu) reduceRectified8(x, dy, table, partial, rows, rowBytes);
    else reduce8(x, dy, table, partial, rows, rowBytes);
  }
}

function reduce8(x: usize, dy: usize, table: usize, partial: usize, rows: i32, rowBytes: usize): void {
  const end = x + <usize>rows * rowBytes;
  const center0 = v128.load(table);
  const center1 = v128.load(table, 16);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let q0 = s0;
  let q1 = s0;
  for (; x < end; x += rowBytes, dy += rowBytes) {
    const g0 = v128.load(dy);
    const g1 = v128.load(dy, 16);
    s0 = f32x4.add(s0, g0);
    s1 = f32x4.add(s1, g1);
    q0 = multiplyAdd(g0, f32x4.sub(v128.load(x), center0), q0);
    q1 = multiplyAdd(g1, f32x4.sub(v128.load(x, 16), center1), q1);
  }
  v128.store(partial, s0);
  v128.store(partial, s1, 16);
  v128.store(partial + rowBytes, q0);
  v128.store(partial + rowBytes, q1, 16);
}

function reduceRectified8(x: usize, dy: usize, table: usize, partial: usize, rows: i32, rowBytes: usize): void {
  const end = x + <usize>rows * rowBytes;
  const center0 = v128.load(table);
  const center1 = v128.load(table, 16);
  const scale0 = v128.load(table + rowBytes);
  const scale1 = v128.load(table + rowBytes, 16);
  const offset0 = v128.load(table + 2 * rowBytes);
  const offset1 = v128.load(table + 2 * rowBytes, 16);
  const zero = f32x4.splat(0);
  let s0 = zero;
  let s1 = zero;
  let q0 = zero;
  let q1 = zero;
  for (; x < end; x += rowBytes, dy += rowBytes) {
    const d0 = f32x4.sub(v128.load(x), center0);
    const d1 = f32x4.sub(v128.load(x, 16), center1);
    const g0 = v128.andnot(v128.load(dy), f32x4.le(multiplyAdd(d0, scale0, offset0), zero));
    const g1 = v128.andnot(v128.load(dy, 16), f32x4.le(multiplyAdd(d1, scale1, offset1), zero));
    s0 = f32x4.add(s0, g0);
    s1 = f32x4.add(s1, g1);
    q0 = multiplyAdd(g0, d0, q0);
    q1 = multiplyAdd(g1, d1, q1);
  }
  v128.store(partial, s0);
  v128.store(partial, s1, 16);
  v128.store(partial + rowBytes, q0);
  v128.store(partial + rowBytes, q1, 16);
}

function reduce4(x: usize, dy: usize, table: usize, partial: usize, rows: i32, rowBytes: usize, relu: bool): void {
  const end = x + <usize>rows * rowBytes;
  const center = v128.load(table);
  let s = f32x4.splat(0);
  let q = s;
  for (; x < end; x += rowBytes, dy += rowBytes) {
    const value = v128.load(x);
    const g = relu ? rectifiedGradient(value, v128.load(dy), table, rowBytes) : v128.load(dy);
    s = f32x4.add(s, g);
    q = multiplyAdd(g, f32x4.sub(value, center), q);
  }
  v128.store(partial, s);
  v128.store(partial + rowBytes, q);
}

/** dy where the normalised x is not ≤ 0 (NaN counts as positive, as in reluBackward). */
// @ts-ignore: decorator
@inline
function rectifiedGradient(x: v128, dy: v128, table: usize, rowBytes: usize): v128 {
  return v128.andnot(dy, f32x4.le(normalised(x, table, rowBytes), f32x4.splat(0)));
}

/**
 * Backward, second pass: dbeta = Σ g, dgamma = Σ g·x̂ (either pointer may be 0) with the partial sums added in float64, and
 * three wide rows of `coefficients` (a, b, c) such that dx = a·g + b·(x − center) + c is
 * gamma/√(variance + epsilon)·(g − dbeta/N − x̂·dgamma/N). With `frozen`, where the statistics do not depend on x, b = c = 0.
 * `saved` and `table` are those of the forward pass, `totals` scratch for 2·width float64.
 */
@unmanaged
export class BatchNormBackwardFinishRecord extends BatchNormBackwardReduceRecord {
  saved: usize;
  totals: usize;
  dgamma: usize;
  dbeta: usize;
  coefficients: usize;
  frozen: bool;
}

export function batchNormBackwardFinish(record: BatchNormBackwardFinishRecord, thread: i32, threads: i32): void {
  assert((record.totals & 7) == 0);
  const lastLane = finishEnd(record, record.width, thread, threads);
  for (let lane = finishStart(record, record.width, thread, threads); lane < lastLane; lane += 4)
    addChunks(record, lane);
  const lastChannel = finishEnd(record, record.channels, thread, threads);
  for (let c = finishStart(record, record.channels, thread, threads); c < lastChannel; c++) finishChannel(record, c);
}

function addChunks(record: BatchNormBackwardFinishRecord, lane: i32): void {
  const wideRows = record.count / record.width;
  const rowBytes = (<usize>record.width) << 2;
  let partial = record.partials + ((<usize>lane) << 2);
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let q0 = s0;
  let q1 = s0;
  for (let row = 0; row < wideRows; row += record.chunkRows) {
    const s = v128.load(partial);
    const q = v128.load(partial + rowBytes);
    s0 = f64x2.add(s0, low(s));
    s1 = f64x2.add(s1, high(s));
    q0 = f64x2.add(q0, low(q));
    q1 = f64x2.add(q1, high(q));
    partial += 2 * rowBytes;
  }
  const sums = record.totals + ((<usize>lane) << 3);
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums + 2 * rowBytes, q0);
  v128.store(sums + 2 * rowBytes, q1, 16);
}

function finishChannel(record: BatchNormBackwardFinishRecord, c: i32): void {
  const width = record.width;
  const channels = record.channels;
  const cut = (record.count / width) * width;
  const center = <f64>floatAt(record.table, c);
  let s: f64 = 0;
  let q: f64 = 0;
  for (let lane = c; lane < width; lane += channels) {
    s += load<f64>(record.totals + ((<usize>lane) << 3));
    q += load<f64>(record.totals + ((<usize>(width + lane)) << 3));
    if (cut + lane < record.count) {
      const offset = (<usize>(cut + lane)) << 2;
      const x = v128.load32_splat(record.x + offset);
      // All lanes of the vector are this one channel's; the table is read lane by lane for the mask.
      const y = multiplyAdd(
        f32x4.sub(x, v128.load32_splat(record.table + ((<usize>lane) << 2))),
        v128.load32_splat(record.table + ((<usize>(width + lane)) << 2)),
        v128.load32_splat(record.table + ((<usize>(2 * width + lane)) << 2)),
      );
      if (record.relu && f32x4.extract_lane(y, 0) <= 0) continue;
      const g = <f64>load<f32>(record.dy + offset);
      s += g;
      q += g * (<f64>load<f32>(record.x + offset) - center);
    }
  }
  const inverse = <f64>floatAt(record.saved, c);
  const meanLow = <f64>floatAt(record.saved, channels + c);
  const dgamma = inverse * (q - meanLow * s);
  if (record.dgamma != 0) setFloat(record.dgamma, c, <f32>dgamma);
  if (record.dbeta != 0) setFloat(record.dbeta, c, <f32>s);
  const n = <f64>(record.count / channels);
  const a = floatAt(record.table, width + c);
  const b = record.frozen ? 0 : (-(<f64>a) * inverse * dgamma) / n;
  const constant = record.frozen ? 0 : (-(<f64>a) * s) / n - b * meanLow;
  for (let lane = c; lane < width; lane += channels) {
    setFloat(record.coefficients, lane, a);
    setFloat(record.coefficients, width + lane, <f32>b);
    setFloat(record.coefficients, 2 * width + lane, <f32>constant);
  }
}

/** Backward, last pass: dx = a·g + b·(x − center) + c with the coefficients of the pass before. dx may be dy. */
@unmanaged
export class BatchNormBackwardApplyRecord extends WideRecord {
  dy: usize;
  table: usize;
  coefficients: usize;
  dx: usize;
  relu: bool;
}

export function batchNormBackwardApply(record: BatchNormBackwardApplyRecord, thread: i32, threads: i32): void {
  assert(((record.x | record.dy | record.dx | record.table | record.coefficients) & 3) == 0);
  assert((record.width & 3) == 0 && record.width % record.channels == 0);
  const rowBytes = (<usize>record.width) << 2;
  const countBytes = (<usize>record.count) << 2;
  const rows = (record.count + record.width - 1) / record.width;
  const first = shareStart(rows, 1, thread, threads);
  for (let row = shareEnd(rows, 1, thread, threads) - 1; row >= first; row--) {
    const start = <usize>row * rowBytes;
    const end = start + min(rowBytes, countBytes - start);
    let at = start;
    let table = record.table;
    let coefficients = record.coefficients;
    if (record.relu) {
      for (; at + 16 <= end; at += 16, table += 16, coefficients += 16) {
        const x = v128.load(record.x + at);
        const g = rectifiedGradient(x, v128.load(record.dy + at), table, rowBytes);
        v128.store(record.dx + at, gradientOfInput(x, g, table, coefficients, rowBytes));
      }
    } else {
      for (; at + 16 <= end; at += 16, table += 16, coefficients += 16) {
        const g = v128.load(record.dy + at);
        v128.store(record.dx + at, gradientOfInput(v128.load(record.x + at), g, table, coefficients, rowBytes));
      }
    }
    if (at < end) {
      const left = (end - at) >> 2;
      const x = loadPartial(record.x + at, left);
      const dy = loadPartial(record.dy + at, left);
      const g = record.relu ? rectifiedGradient(x, dy, table, rowBytes) : dy;
      storePartial(record.dx + at, gradientOfInput(x, g, table, coefficients, rowBytes), left);
    }
  }
}

// @ts-ignore: decorator
@inline
function gradientOfInput(x: v128, g: v128, table: usize, coefficients: usize, rowBytes: usize): v128 {
  const centered = f32x4.sub(x, v128.load(table));
  const slope = v128.load(coefficients + rowBytes);
  const rest = multiplyAdd(slope, centered, v128.load(coefficients + (rowBytes << 1)));
  return multiplyAdd(v128.load(coefficients), g, rest);
}

import { floatAt, setFloat } from "../math/floats";
import { loadPartial, lowerAsF64, multiplyAdd, storePartial, upperAsF64 } from "../math/lanes";
import { partsOf, shareEnd, shareStart } from "../partition";
import { isAligned } from "../record";
import { blockLanes, finishEnd, finishStart, WideRecord } from "./wide";

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
  assert(isAligned(record.x | record.dy | record.table | record.partials));
  assert((record.width & 3) == 0 && record.width % record.channels == 0 && record.chunkRows > 0);
  const width = record.width;
  const wideRows = record.count / width;
  const chunkRows = record.chunkRows;
  const chunks = partsOf(wideRows, chunkRows);
  const blocks = partsOf(width, blockLanes);
  const rowBytes = (<usize>width) << 2;
  const last = shareEnd(chunks * blocks, 1, thread, threads);
  for (let item = shareStart(chunks * blocks, 1, thread, threads); item < last; item++) {
    const chunk = item / blocks;
    const lane = (item - chunk * blocks) * blockLanes;
    const offset = (<usize>lane) << 2;
    const bytes = (<usize>min(blockLanes, width - lane)) << 2;
    const rows = min(chunkRows, wideRows - chunk * chunkRows);
    const start = <usize>(chunk * chunkRows) * rowBytes + offset;
    const partial = record.partials + <usize>(chunk * 2) * rowBytes + offset;
    const table = record.table + offset;
    if (record.relu) reduceBlock(record.x + start, record.dy + start, table, partial, rows, rowBytes, bytes, true);
    else reduceBlock(record.x + start, record.dy + start, table, partial, rows, rowBytes, bytes, false);
  }
}

/** `bytes` bytes of each of `rows` rows; two rows at a time, the sums lying in the partials, which stay in the L1 cache. */
// @ts-ignore: decorator
@inline
function reduceBlock(
  x: usize,
  dy: usize,
  table: usize,
  sums: usize,
  rows: i32,
  rowBytes: usize,
  bytes: usize,
  relu: bool,
): void {
  const products = sums + rowBytes;
  memory.fill(sums, 0, bytes);
  memory.fill(products, 0, bytes);
  const end = x + <usize>rows * rowBytes;
  for (; x + 2 * rowBytes <= end; x += 2 * rowBytes, dy += 2 * rowBytes) {
    for (let at: usize = 0; at < bytes; at += 16) {
      const center = v128.load(table + at);
      const a = f32x4.sub(v128.load(x + at), center);
      const b = f32x4.sub(v128.load(x + rowBytes + at), center);
      const g = gradientBehind(a, v128.load(dy + at), table + at, rowBytes, relu);
      const h = gradientBehind(b, v128.load(dy + rowBytes + at), table + at, rowBytes, relu);
      v128.store(sums + at, f32x4.add(v128.load(sums + at), f32x4.add(g, h)));
      v128.store(products + at, f32x4.add(v128.load(products + at), multiplyAdd(h, b, f32x4.mul(g, a))));
    }
  }
  if (x < end) {
    for (let at: usize = 0; at < bytes; at += 16) {
      const a = f32x4.sub(v128.load(x + at), v128.load(table + at));
      const g = gradientBehind(a, v128.load(dy + at), table + at, rowBytes, relu);
      v128.store(sums + at, f32x4.add(v128.load(sums + at), g));
      v128.store(products + at, multiplyAdd(g, a, v128.load(products + at)));
    }
  }
}

/**
 * The gradient of the normalised value, whose x − center is given: dy, or behind a ReLU dy where that value is not ≤ 0
 * (NaN counts as positive, as in reluBackward). `table` points to the center of the lanes.
 */
// @ts-ignore: decorator
@inline
function gradientBehind(centered: v128, dy: v128, table: usize, rowBytes: usize, relu: bool): v128 {
  if (!relu) return dy;
  const y = multiplyAdd(centered, v128.load(table + rowBytes), v128.load(table + (rowBytes << 1)));
  return v128.andnot(dy, f32x4.le(y, f32x4.splat(0)));
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
  assert(isAligned(record.totals));
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
    s0 = f64x2.add(s0, lowerAsF64(s));
    s1 = f64x2.add(s1, upperAsF64(s));
    q0 = f64x2.add(q0, lowerAsF64(q));
    q1 = f64x2.add(q1, upperAsF64(q));
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
  let s: f64 = 0;
  let q: f64 = 0;
  for (let lane = c; lane < width; lane += channels) {
    s += load<f64>(record.totals + ((<usize>lane) << 3));
    q += load<f64>(record.totals + ((<usize>(width + lane)) << 3));
    if (cut + lane < record.count) {
      const offset = (<usize>(cut + lane)) << 2;
      const at = record.table + ((<usize>lane) << 2);
      const centered = load<f32>(record.x + offset) - load<f32>(at);
      // The mask as in the other passes, where the multiplication and addition may be one operation.
      const scale = v128.load32_splat(at + ((<usize>width) << 2));
      const y = multiplyAdd(f32x4.splat(centered), scale, v128.load32_splat(at + ((<usize>width) << 3)));
      const isStopped = record.relu && f32x4.extract_lane(y, 0) <= 0;
      const g = isStopped ? 0 : <f64>load<f32>(record.dy + offset);
      s += g;
      q += g * <f64>centered;
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
  assert(isAligned(record.x | record.dy | record.dx | record.table | record.coefficients));
  assert((record.width & 3) == 0 && record.width % record.channels == 0);
  const rowBytes = (<usize>record.width) << 2;
  const countBytes = (<usize>record.count) << 2;
  const rows = partsOf(record.count, record.width);
  const first = shareStart(rows, 1, thread, threads);
  for (let row = shareEnd(rows, 1, thread, threads) - 1; row >= first; row--) {
    const start = <usize>row * rowBytes;
    const bytes = min(rowBytes, countBytes - start);
    const x = record.x + start;
    const dy = record.dy + start;
    const dx = record.dx + start;
    if (record.relu) gradientsOfRow(x, dy, dx, record.table, record.coefficients, rowBytes, bytes, true);
    else gradientsOfRow(x, dy, dx, record.table, record.coefficients, rowBytes, bytes, false);
  }
}

/** One wide row, of which the first `bytes` bytes exist. */
// @ts-ignore: decorator
@inline
function gradientsOfRow(
  x: usize,
  dy: usize,
  dx: usize,
  table: usize,
  coefficients: usize,
  rowBytes: usize,
  bytes: usize,
  relu: bool,
): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const centered = f32x4.sub(v128.load(x + at), v128.load(table + at));
    const g = gradientBehind(centered, v128.load(dy + at), table + at, rowBytes, relu);
    v128.store(dx + at, gradientOfInput(centered, g, coefficients + at, rowBytes));
  }
  if (at < bytes) {
    const left = (bytes - at) >> 2;
    const centered = f32x4.sub(loadPartial(x + at, left), v128.load(table + at));
    const g = gradientBehind(centered, loadPartial(dy + at, left), table + at, rowBytes, relu);
    storePartial(dx + at, gradientOfInput(centered, g, coefficients + at, rowBytes), left);
  }
}

// @ts-ignore: decorator
@inline
function gradientOfInput(centered: v128, g: v128, coefficients: usize, rowBytes: usize): v128 {
  const slope = v128.load(coefficients + rowBytes);
  const rest = multiplyAdd(slope, centered, v128.load(coefficients + (rowBytes << 1)));
  return multiplyAdd(v128.load(coefficients), g, rest);
}

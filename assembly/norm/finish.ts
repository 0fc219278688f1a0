import { floatAt, setFloat } from "../math/floats";
import { lowerAsF64, upperAsF64 } from "../math/lanes";
import { isAligned, KernelRecord } from "../record";
import { BatchNormStatisticsRecord } from "./statistics";
import { finishEnd, finishStart } from "./wide";

/**
 * Second pass: adds the partial sums of `batchNormStatistics` (same x, count, channels, width, chunkRows and partials) in
 * float64, about the tensor's first value of each lane, and from mean and biased variance of each channel writes
 *   table, three wide rows: center = mean rounded, scale = gamma/√(variance + epsilon), offset, such that
 *     y = (x − center)·scale + offset; offset makes up for the rounding of the center
 *   saved[0 … C): 1/√(variance + epsilon);  saved[C … 2C): mean − center
 *   runningMean and runningVariance ← (1 − momentum)·running + momentum·(mean, unbiased variance), unless they are 0
 * `totals` is scratch for 2·width float64. Errors of the statistics: docs/numerics.md.
 */
@unmanaged
export class BatchNormFinishRecord extends BatchNormStatisticsRecord {
  totals: usize;
  gamma: usize;
  beta: usize;
  runningMean: usize;
  runningVariance: usize;
  table: usize;
  saved: usize;
  epsilon: f32;
  momentum: f32;
}

export function batchNormFinish(record: BatchNormFinishRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.totals));
  assert(record.count >= record.channels);
  const lastLane = finishEnd(record, record.width, thread, threads);
  for (let lane = finishStart(record, record.width, thread, threads); lane < lastLane; lane += 4)
    addChunks(record, lane);
  const lastChannel = finishEnd(record, record.channels, thread, threads);
  for (let c = finishStart(record, record.channels, thread, threads); c < lastChannel; c++) finishChannel(record, c);
}

/** totals[lane … lane + 4) = Σ(x − x₀) and totals[width + lane …) = Σ(x − x₀)² over all chunks; x₀ is x in the first row. */
function addChunks(record: BatchNormFinishRecord, lane: i32): void {
  const width = record.width;
  const wideRows = record.count / width;
  const chunkRows = record.chunkRows;
  const rowBytes = (<usize>width) << 2;
  let partial = record.partials + ((<usize>lane) << 2);
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let q0 = s0;
  let q1 = s0;
  if (wideRows > 0) {
    const first = v128.load(partial);
    for (let row = 0; row < wideRows; row += chunkRows) {
      const rows = f64x2.splat(<f64>min(chunkRows, wideRows - row));
      // First about the chunk's k: d = k − x₀, Σ(x − x₀) = s + n·d, Σ(x − x₀)² = q + d·(2s + n·d).
      const k = v128.load(partial);
      const s = v128.load(partial + rowBytes);
      const q = v128.load(partial + 2 * rowBytes);
      const d0 = f64x2.sub(lowerAsF64(k), lowerAsF64(first));
      const d1 = f64x2.sub(upperAsF64(k), upperAsF64(first));
      const nd0 = f64x2.mul(rows, d0);
      const nd1 = f64x2.mul(rows, d1);
      s0 = f64x2.add(s0, f64x2.add(lowerAsF64(s), nd0));
      s1 = f64x2.add(s1, f64x2.add(upperAsF64(s), nd1));
      q0 = f64x2.add(
        q0,
        f64x2.add(lowerAsF64(q), f64x2.mul(d0, f64x2.add(f64x2.add(lowerAsF64(s), lowerAsF64(s)), nd0))),
      );
      q1 = f64x2.add(
        q1,
        f64x2.add(upperAsF64(q), f64x2.mul(d1, f64x2.add(f64x2.add(upperAsF64(s), upperAsF64(s)), nd1))),
      );
      partial += 3 * rowBytes;
    }
  }
  const sums = record.totals + ((<usize>lane) << 3);
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums + 2 * rowBytes, q0);
  v128.store(sums + 2 * rowBytes, q1, 16);
}

/** Adds what the cut last row holds of channel c, joins the lanes of c, and writes what follows from its statistics. */
function finishChannel(record: BatchNormFinishRecord, c: i32): void {
  const width = record.width;
  const channels = record.channels;
  const wideRows = record.count / width;
  const cut = wideRows * width;
  const origin = <f64>floatAt(record.x, c);
  let n: f64 = 0;
  let s: f64 = 0;
  let q: f64 = 0;
  for (let lane = c; lane < width; lane += channels) {
    if (wideRows > 0) {
      const d = <f64>floatAt(record.x, lane) - origin;
      const laneSum = load<f64>(record.totals + ((<usize>lane) << 3));
      const nd = <f64>wideRows * d;
      s += laneSum + nd;
      q += load<f64>(record.totals + ((<usize>(width + lane)) << 3)) + d * (2 * laneSum + nd);
      n += <f64>wideRows;
    }
    if (cut + lane < record.count) {
      const d = <f64>floatAt(record.x, cut + lane) - origin;
      s += d;
      q += d * d;
      n += 1;
    }
  }
  const shift = s / n;
  const mean = origin + shift;
  const squares = q - s * shift;
  const variance = (squares < 0 ? 0 : squares) / n;
  const inverse = 1 / sqrt(variance + <f64>record.epsilon);
  const center = <f32>mean;
  const scale = inverse * <f64>floatAt(record.gamma, c);
  const offset = <f64>floatAt(record.beta, c) - (mean - <f64>center) * scale;
  for (let lane = c; lane < width; lane += channels) {
    setFloat(record.table, lane, center);
    setFloat(record.table, width + lane, <f32>scale);
    setFloat(record.table, 2 * width + lane, <f32>offset);
  }
  setFloat(record.saved, c, <f32>inverse);
  setFloat(record.saved, channels + c, <f32>(mean - <f64>center));
  if (record.runningMean == 0) return;
  const momentum = <f64>record.momentum;
  const unbiased = (variance * n) / (n - 1);
  setFloat(record.runningMean, c, <f32>((1 - momentum) * <f64>floatAt(record.runningMean, c) + momentum * mean));
  setFloat(
    record.runningVariance,
    c,
    <f32>((1 - momentum) * <f64>floatAt(record.runningVariance, c) + momentum * unbiased),
  );
}

/** The table and saved values of `batchNormFinish` from running statistics instead of those of a batch. */
@unmanaged
export class BatchNormFoldRecord extends KernelRecord {
  gamma: usize;
  beta: usize;
  runningMean: usize;
  runningVariance: usize;
  table: usize;
  saved: usize;
  channels: i32;
  width: i32;
  epsilon: f32;
}

export function batchNormFold(record: BatchNormFoldRecord, thread: i32, _threads: i32): void {
  assert(isAligned(record.gamma | record.beta | record.runningMean | record.runningVariance | record.table));
  if (thread != 0) return;
  const channels = record.channels;
  const width = record.width;
  for (let c = 0; c < channels; c++) {
    const inverse = 1 / sqrt(<f64>floatAt(record.runningVariance, c) + <f64>record.epsilon);
    const scale = <f32>(inverse * <f64>floatAt(record.gamma, c));
    for (let lane = c; lane < width; lane += channels) {
      setFloat(record.table, lane, floatAt(record.runningMean, c));
      setFloat(record.table, width + lane, scale);
      setFloat(record.table, 2 * width + lane, floatAt(record.beta, c));
    }
    setFloat(record.saved, c, <f32>inverse);
    setFloat(record.saved, channels + c, 0);
  }
}

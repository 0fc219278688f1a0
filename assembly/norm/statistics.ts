import { multiplyAdd } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { WideRecord } from "./wide";

/**
 * First pass of batch normalisation: for every chunk of `chunkRows` wide rows and each lane, with k the lane's value in
 * the chunk's first row, partials[chunk] = (k, Σ(x − k), Σ(x − k)²), three arrays of `width`. Since k is one of the
 * chunk's values, (k − mean)² is at most the chunk's sum of squares about its mean, so taking the mean out later loses at
 * most a factor chunkRows + 1 of float32 precision, however large the mean is.
 */
@unmanaged
export class BatchNormStatisticsRecord extends WideRecord {
  partials: usize;
  chunkRows: i32;
}

export function batchNormStatistics(record: BatchNormStatisticsRecord, thread: i32, threads: i32): void {
  assert(((record.x | record.partials) & 3) == 0);
  assert((record.width & 3) == 0 && record.width % record.channels == 0 && record.chunkRows > 0);
  const width = record.width;
  const wideRows = record.count / width;
  const chunkRows = record.chunkRows;
  const chunks = (wideRows + chunkRows - 1) / chunkRows;
  const blocks = (width + 15) >> 4;
  const rowBytes = (<usize>width) << 2;
  const last = shareEnd(chunks * blocks, 1, thread, threads);
  for (let item = shareStart(chunks * blocks, 1, thread, threads); item < last; item++) {
    const chunk = item / blocks;
    const lane = (item - chunk * blocks) << 4;
    const offset = (<usize>lane) << 2;
    const rows = min(chunkRows, wideRows - chunk * chunkRows);
    const x = record.x + <usize>(chunk * chunkRows) * rowBytes + offset;
    const partial = record.partials + <usize>(chunk * 3) * rowBytes + offset;
    if (width - lane >= 16) statisticsOf16(x, partial, rows, rowBytes);
    else for (let at: usize = 0; offset + at < rowBytes; at += 16) statisticsOf4(x + at, partial + at, rows, rowBytes);
  }
}

function statisticsOf16(x: usize, partial: usize, rows: i32, rowBytes: usize): void {
  const end = x + <usize>rows * rowBytes;
  const k0 = v128.load(x);
  const k1 = v128.load(x, 16);
  const k2 = v128.load(x, 32);
  const k3 = v128.load(x, 48);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let q0 = s0;
  let q1 = s0;
  let q2 = s0;
  let q3 = s0;
  for (; x < end; x += rowBytes) {
    const d0 = f32x4.sub(v128.load(x), k0);
    s0 = f32x4.add(s0, d0);
    q0 = multiplyAdd(d0, d0, q0);
    const d1 = f32x4.sub(v128.load(x, 16), k1);
    s1 = f32x4.add(s1, d1);
    q1 = multiplyAdd(d1, d1, q1);
    const d2 = f32x4.sub(v128.load(x, 32), k2);
    s2 = f32x4.add(s2, d2);
    q2 = multiplyAdd(d2, d2, q2);
    const d3 = f32x4.sub(v128.load(x, 48), k3);
    s3 = f32x4.add(s3, d3);
    q3 = multiplyAdd(d3, d3, q3);
  }
  v128.store(partial, k0);
  v128.store(partial, k1, 16);
  v128.store(partial, k2, 32);
  v128.store(partial, k3, 48);
  partial += rowBytes;
  v128.store(partial, s0);
  v128.store(partial, s1, 16);
  v128.store(partial, s2, 32);
  v128.store(partial, s3, 48);
  partial += rowBytes;
  v128.store(partial, q0);
  v128.store(partial, q1, 16);
  v128.store(partial, q2, 32);
  v128.store(partial, q3, 48);
}

function statisticsOf4(x: usize, partial: usize, rows: i32, rowBytes: usize): void {
  const end = x + <usize>rows * rowBytes;
  const k = v128.load(x);
  let s = f32x4.splat(0);
  let q = s;
  for (; x < end; x += rowBytes) {
    const d = f32x4.sub(v128.load(x), k);
    s = f32x4.add(s, d);
    q = multiplyAdd(d, d, q);
  }
  v128.store(partial, k);
  v128.store(partial + rowBytes, s);
  v128.store(partial + 2 * rowBytes, q);
}

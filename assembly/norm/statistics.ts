import { multiplyAdd } from "../math/lanes";
import { partsOf, shareEnd, shareStart } from "../partition";
import { isAligned } from "../record";
import { blockLanes, WideRecord } from "./wide";

/**
 * First pass of batch normalisation: for every chunk of `chunkRows` wide rows and each lane, with k the lane's value in
 * the chunk's first row, partials[chunk] = (k, Σ(x − k), Σ(x − k)²), three arrays of `width`. Since k is one of the
 * chunk's values, (k − mean)² is at most the chunk's sum of squares about its mean, so taking the mean out later magnifies
 * rounding by chunkRows + 1 at most, and by about 2 in ordinary data, however large the mean is.
 */
@unmanaged
export class BatchNormStatisticsRecord extends WideRecord {
  partials: usize;
  chunkRows: i32;
}

export function batchNormStatistics(record: BatchNormStatisticsRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.x | record.partials));
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
    const x = record.x + <usize>(chunk * chunkRows) * rowBytes + offset;
    statisticsOfBlock(x, record.partials + <usize>(chunk * 3) * rowBytes + offset, rows, rowBytes, bytes);
  }
}

/** `bytes` bytes of each of `rows` rows; four rows at a time, the sums lying in the partials, which stay in the L1 cache. */
function statisticsOfBlock(x: usize, partial: usize, rows: i32, rowBytes: usize, bytes: usize): void {
  const sums = partial + rowBytes;
  const squares = sums + rowBytes;
  memory.copy(partial, x, bytes);
  memory.fill(sums, 0, bytes);
  memory.fill(squares, 0, bytes);
  const end = x + <usize>rows * rowBytes;
  const twoRows = rowBytes << 1;
  for (; x + 2 * twoRows <= end; x += 2 * twoRows) {
    const third = x + twoRows;
    for (let at: usize = 0; at < bytes; at += 16) {
      const k = v128.load(partial + at);
      const a = f32x4.sub(v128.load(x + at), k);
      const b = f32x4.sub(v128.load(x + rowBytes + at), k);
      const c = f32x4.sub(v128.load(third + at), k);
      const d = f32x4.sub(v128.load(third + rowBytes + at), k);
      const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
      const left = multiplyAdd(b, b, f32x4.mul(a, a));
      const right = multiplyAdd(d, d, f32x4.mul(c, c));
      v128.store(sums + at, f32x4.add(v128.load(sums + at), sum));
      v128.store(squares + at, f32x4.add(v128.load(squares + at), f32x4.add(left, right)));
    }
  }
  for (; x < end; x += rowBytes) {
    for (let at: usize = 0; at < bytes; at += 16) {
      const d = f32x4.sub(v128.load(x + at), v128.load(partial + at));
      v128.store(sums + at, f32x4.add(v128.load(sums + at), d));
      v128.store(squares + at, multiplyAdd(d, d, v128.load(squares + at)));
    }
  }
}

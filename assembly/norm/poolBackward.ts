import { multiplyAdd } from "../math/lanes";
import { partsOf, shareEnd, shareStart } from "../partition";
import { bytesToLanes } from "../pool/window";
import { WideRecord } from "./wide";

/**
 * Backward of `batchNormPool`, first pass: what batchNormBackwardReduce computes for the gradient g that is dy at the winner of
 * each window and 0 elsewhere, without writing g. partials[chunk] = (Σ g, Σ g·(x − center)) over `chunkRows` wide rows of
 * x, which are `rowsPerChunk` rows of windows; of each array of `width` lanes the first `channels` hold the sums.
 */
@unmanaged
export class BatchNormPoolBackwardReduceRecord extends WideRecord {
  dy: usize;
  winners: usize;
  table: usize;
  partials: usize;
  rows: i32;
  columns: i32;
  rowsPerChunk: i32;
}

export function batchNormPoolBackwardReduce(
  record: BatchNormPoolBackwardReduceRecord,
  thread: i32,
  threads: i32,
): void {
  assert((record.channels & 3) == 0 && record.width % record.channels == 0);
  const channels = <usize>record.channels;
  const pixelBytes = channels << 2;
  const lineBytes = (<usize>record.columns * pixelBytes) << 1;
  const rowBytes = (<usize>record.width) << 2;
  const chunks = partsOf(record.rows, record.rowsPerChunk);
  const last = shareEnd(chunks, 1, thread, threads);
  for (let chunk = shareStart(chunks, 1, thread, threads); chunk < last; chunk++) {
    const sums = record.partials + ((<usize>chunk * rowBytes) << 1);
    const products = sums + rowBytes;
    memory.fill(sums, 0, rowBytes << 1);
    const firstRow = chunk * record.rowsPerChunk;
    const lastRow = min(firstRow + record.rowsPerChunk, record.rows);
    const output = <usize>firstRow * <usize>record.columns * channels;
    let winners = record.winners + output;
    let dy = record.dy + (output << 2);
    for (let row = firstRow; row < lastRow; row++) {
      let x = record.x + ((<usize>row * lineBytes) << 1);
      for (let column = 0; column < record.columns; column++, x += pixelBytes) {
        for (let c: usize = 0; c < pixelBytes; c += 16, x += 16, dy += 16, winners += 4) {
          const below = x + lineBytes;
          const winner = bytesToLanes(winners);
          const first = i32x4.eq(winner, i32x4.splat(0));
          const second = i32x4.eq(winner, i32x4.splat(1));
          const third = i32x4.eq(winner, i32x4.splat(2));
          const fourth = i32x4.eq(winner, i32x4.splat(3));
          const upper = v128.or(v128.and(v128.load(x), first), v128.and(v128.load(x + pixelBytes), second));
          const lower = v128.or(v128.and(v128.load(below), third), v128.and(v128.load(below + pixelBytes), fourth));
          const isWon = v128.or(v128.or(first, second), v128.or(third, fourth));
          const g = v128.and(v128.load(dy), isWon);
          const centered = f32x4.sub(v128.or(upper, lower), v128.load(record.table + c));
          v128.store(sums + c, f32x4.add(v128.load(sums + c), g));
          v128.store(products + c, multiplyAdd(g, centered, v128.load(products + c)));
        }
      }
    }
  }
}

/** Backward, last pass: dx = a·g + b·(x − center) + c at every position, with the coefficients of batchNormBackwardFinish. */
@unmanaged
export class BatchNormPoolBackwardApplyRecord extends WideRecord {
  dy: usize;
  winners: usize;
  table: usize;
  coefficients: usize;
  dx: usize;
  rows: i32;
  columns: i32;
}

export function batchNormPoolBackwardApply(record: BatchNormPoolBackwardApplyRecord, thread: i32, threads: i32): void {
  assert((record.channels & 3) == 0 && record.width % record.channels == 0);
  const channels = <usize>record.channels;
  const pixelBytes = channels << 2;
  const lineBytes = (<usize>record.columns * pixelBytes) << 1;
  const rowBytes = (<usize>record.width) << 2;
  const shift = record.dx - record.x;
  const last = shareEnd(record.rows, 1, thread, threads);
  for (let row = shareStart(record.rows, 1, thread, threads); row < last; row++) {
    let x = record.x + ((<usize>row * lineBytes) << 1);
    const output = <usize>row * <usize>record.columns * channels;
    let winners = record.winners + output;
    let dy = record.dy + (output << 2);
    for (let column = 0; column < record.columns; column++, x += pixelBytes) {
      for (let c: usize = 0; c < pixelBytes; c += 16, x += 16, dy += 16, winners += 4) {
        const coefficients = record.coefficients + c;
        const center = v128.load(record.table + c);
        const slope = v128.load(coefficients + rowBytes);
        const constant = v128.load(coefficients + (rowBytes << 1));
        const g = f32x4.mul(v128.load(coefficients), v128.load(dy));
        const winner = bytesToLanes(winners);
        const below = x + lineBytes;
        storeGradient(x, shift, center, slope, constant, g, winner, 0);
        storeGradient(x + pixelBytes, shift, center, slope, constant, g, winner, 1);
        storeGradient(below, shift, center, slope, constant, g, winner, 2);
        storeGradient(below + pixelBytes, shift, center, slope, constant, g, winner, 3);
      }
    }
  }
}

/** dx at one position of a window: slope·(x − center) + constant, and g more where that position won. */
// @ts-ignore: decorator
@inline
function storeGradient(
  x: usize,
  shift: usize,
  center: v128,
  slope: v128,
  constant: v128,
  g: v128,
  winner: v128,
  position: i32,
): void {
  const rest = multiplyAdd(slope, f32x4.sub(v128.load(x), center), constant);
  v128.store(x + shift, f32x4.add(v128.and(g, i32x4.eq(winner, i32x4.splat(position))), rest));
}

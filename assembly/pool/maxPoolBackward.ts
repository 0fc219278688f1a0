import { loadPartial, storePartial } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { isAligned } from "../record";
import { bytesToLanes, isPairwise, PoolRecord } from "./window";

/**
 * dx at each input position = the sum of dy over the windows that it won, by the `winners` that maxPool wrote. Every
 * element of dx is written once, by the thread that has its row, so windows may overlap.
 */
@unmanaged
export class MaxPoolBackwardRecord extends PoolRecord {
  winners: usize;
  dy: usize;
  dx: usize;
}

export function maxPoolBackward(record: MaxPoolBackwardRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.dy | record.dx));
  if (isPairwise(record)) {
    const rows = record.batch * record.outHeight;
    const last = shareEnd(rows, 1, thread, threads);
    for (let row = shareStart(rows, 1, thread, threads); row < last; row++) spreadRowOfPairs(record, row);
    return;
  }
  const rows = record.batch * record.height;
  const last = shareEnd(rows, 1, thread, threads);
  for (let row = shareStart(rows, 1, thread, threads); row < last; row++) collectRow(record, row);
}

/** Row `row` of the inputs of the whole batch: each position looks at the windows that cover it. */
function collectRow(record: MaxPoolBackwardRecord, row: i32): void {
  const channels = record.channels;
  const image = row / record.height;
  const y = row - image * record.height + record.paddingHeight;
  const firstY = firstWindow(y, record.kernelHeight, record.strideHeight);
  const lastY = min(record.outHeight - 1, y / record.strideHeight);
  for (let column = 0; column < record.width; column++) {
    const x = column + record.paddingWidth;
    const firstX = firstWindow(x, record.kernelWidth, record.strideWidth);
    const lastX = min(record.outWidth - 1, x / record.strideWidth);
    const code = (y - firstY * record.strideHeight) * record.kernelWidth + x - firstX * record.strideWidth;
    const window = <usize>((image * record.outHeight + firstY) * record.outWidth + firstX) * <usize>channels;
    const dx = record.dx + ((<usize>(row * record.width + column) * <usize>channels) << 2);
    const rows = lastY - firstY + 1;
    const columns = lastX - firstX + 1;
    let c = 0;
    for (; c + 4 <= channels; c += 4) {
      v128.store(dx + ((<usize>c) << 2), collect(record, window + <usize>c, 4, rows, columns, code));
    }
    const left = channels - c;
    if (left > 0)
      storePartial(dx + ((<usize>c) << 2), collect(record, window + <usize>c, left, rows, columns, code), left);
  }
}

/**
 * Σ dy of `lanes` channels over `rows` × `columns` windows, of which the first has its output at `output`, where this
 * position, whose code is `code` in the first of them and falls by the stride from each to the next, won.
 */
// @ts-ignore: decorator
@inline
function collect(record: MaxPoolBackwardRecord, output: usize, lanes: i32, rows: i32, columns: i32, code: i32): v128 {
  const channels = <usize>record.channels;
  const outRow = <usize>record.outWidth * channels;
  const strideWidth = record.strideWidth;
  const codeStep = record.strideHeight * record.kernelWidth;
  let sum = f32x4.splat(0);
  for (let oy = 0; oy < rows; oy++, output += outRow, code -= codeStep) {
    for (let ox = 0, at = output, here = code; ox < columns; ox++, at += channels, here -= strideWidth) {
      sum = f32x4.add(sum, gradientFor(record, at, lanes, here));
    }
  }
  return sum;
}

/** Number of the first window of `size` with stride `stride` that reaches position `at`. */
// @ts-ignore: decorator
@inline
function firstWindow(at: i32, size: i32, stride: i32): i32 {
  return max(0, (at - size + stride) / stride);
}

/** dy of `lanes` channels of an output where `code` won, else 0. */
// @ts-ignore: decorator
@inline
function gradientFor(record: MaxPoolBackwardRecord, output: usize, lanes: i32, code: i32): v128 {
  const winners = record.winners + output;
  const dy = record.dy + (output << 2);
  if (lanes == 4) return v128.and(v128.load(dy), i32x4.eq(bytesToLanes(winners), i32x4.splat(code)));
  let won = i32x4.splat(load<u8>(winners));
  if (lanes > 1) won = i32x4.replace_lane(won, 1, load<u8>(winners, 1));
  if (lanes > 2) won = i32x4.replace_lane(won, 2, load<u8>(winners, 2));
  return v128.and(loadPartial(dy, lanes), i32x4.eq(won, i32x4.splat(code)));
}

/** Row `row` of the outputs, for 2×2 windows side by side: writes the two rows of dx under it, and what lies past them. */
function spreadRowOfPairs(record: MaxPoolBackwardRecord, row: i32): void {
  const channels = <usize>record.channels;
  const pixelBytes = channels << 2;
  const rowBytes = <usize>record.width * pixelBytes;
  const image = row / record.outHeight;
  const oy = row - image * record.outHeight;
  const top = record.dx + <usize>(image * record.height + 2 * oy) * rowBytes;
  let dx = top;
  let winners = record.winners + <usize>(row * record.outWidth) * channels;
  let dy = record.dy + ((<usize>(row * record.outWidth) * channels) << 2);
  for (let ox = 0; ox < record.outWidth; ox++) {
    for (const end = dx + pixelBytes; dx < end; dx += 16) {
      const gradient = v128.load(dy);
      const winner = bytesToLanes(winners);
      const below = dx + rowBytes;
      v128.store(dx, v128.and(gradient, i32x4.eq(winner, i32x4.splat(0))));
      v128.store(dx + pixelBytes, v128.and(gradient, i32x4.eq(winner, i32x4.splat(1))));
      v128.store(below, v128.and(gradient, i32x4.eq(winner, i32x4.splat(2))));
      v128.store(below + pixelBytes, v128.and(gradient, i32x4.eq(winner, i32x4.splat(3))));
      dy += 16;
      winners += 4;
    }
    dx += pixelBytes;
  }
  const covered = ((<usize>record.outWidth) << 1) * pixelBytes;
  memory.fill(top + covered, 0, rowBytes - covered);
  memory.fill(top + rowBytes + covered, 0, rowBytes - covered);
  if (oy == record.outHeight - 1) {
    memory.fill(top + 2 * rowBytes, 0, <usize>(record.height - 2 * record.outHeight) * rowBytes);
  }
}

import { storePartial } from "../math/lanes";
import { shareEnd, shareStart, wholeUnits } from "../partition";
import { KernelRecord } from "../record";

/**
 * y (batch, paddedDepth, paddedHeight, paddedWidth, channels) = x (batch, depth, height, width, channels) at plane `front`, row
 * `top` and column `left` of zeros. What of x lies beyond the padded size is left out. y is dense; along its axes x is xImage,
 * xPlane, xRow, xColumn and xChannel floats apart, so it may as well be a slice, or lie as (batch, channels, height, width).
 */
@unmanaged
export class ConvPadRecord extends KernelRecord {
  x: usize;
  y: usize;
  batch: i32;
  depth: i32;
  height: i32;
  width: i32;
  channels: i32;
  xImage: i32;
  xPlane: i32;
  xRow: i32;
  xColumn: i32;
  xChannel: i32;
  front: i32;
  top: i32;
  left: i32;
  paddedDepth: i32;
  paddedHeight: i32;
  paddedWidth: i32;
}

/** Runs longer than this are copied by memory.copy, whose call costs as much as some 30 vector stores. */
const longRun: usize = 1024;

export function convPad(record: ConvPadRecord, thread: i32, threads: i32): void {
  const top = record.top;
  const left = record.left;
  const paddedHeight = record.paddedHeight;
  const pixelBytes = (<usize>record.channels) << 2;
  const paddedDepth = record.paddedDepth;
  assert(record.front >= 0 && record.front <= paddedDepth);
  assert(top >= 0 && left >= 0 && top <= paddedHeight && left <= record.paddedWidth);
  const rows = record.batch * paddedDepth * paddedHeight;
  const inner = min(record.width, record.paddedWidth - left);
  const filledRows = min(record.height, paddedHeight - top);
  const filledPlanes = min(record.depth, paddedDepth - record.front);
  const leftBytes = <usize>left * pixelBytes;
  const innerBytes = <usize>inner * pixelBytes;
  const rightBytes = <usize>(record.paddedWidth - left - inner) * pixelBytes;
  const rowBytes = leftBytes + innerBytes + rightBytes;
  const isDense = record.xColumn == record.channels && (record.xChannel == 1 || record.channels == 1);
  const end = shareEnd(rows, 1, thread, threads);
  let row = shareStart(rows, 1, thread, threads);
  let y = record.y + <usize>row * rowBytes;
  for (; row < end; row++) {
    const plane = row / paddedHeight;
    const sourceRow = row - plane * paddedHeight - top;
    const image = plane / paddedDepth;
    const sourcePlane = plane - image * paddedDepth - record.front;
    if (<u32>sourceRow >= <u32>filledRows || <u32>sourcePlane >= <u32>filledPlanes) {
      y = clearFloats(y, rowBytes);
      continue;
    }
    y = clearFloats(y, leftBytes);
    const offset =
      <usize>image * <usize>record.xImage +
      <usize>sourcePlane * <usize>record.xPlane +
      <usize>sourceRow * <usize>record.xRow;
    const x = record.x + (offset << 2);
    if (isDense) y = copyFloats(y, x, innerBytes);
    else y = copyPixels(record, y, x, inner);
    y = clearFloats(y, rightBytes);
  }
}

/** Sets `bytes` at `to` to zero and returns the end. */
function clearFloats(to: usize, bytes: usize): usize {
  const end = to + bytes;
  const zero = f32x4.splat(0);
  for (; to + 16 <= end; to += 16) v128.store(to, zero);
  for (; to < end; to += 4) store<f32>(to, 0);
  return end;
}

/** Copies so many pixels of a row that is not dense, and returns the end of the copy. */
function copyPixels(record: ConvPadRecord, to: usize, from: usize, pixels: i32): usize {
  const channels = record.channels;
  const column = (<usize>record.xColumn) << 2;
  const plane = (<usize>record.xChannel) << 2;
  const pixelBytes = (<usize>channels) << 2;
  const end = to + <usize>pixels * pixelBytes;
  if (plane == 4) {
    for (; to < end; from += column) to = copyFloats(to, from, pixelBytes);
    return end;
  }
  if (column == 4 && pixels >= 4) {
    const blocks = wholeUnits(pixels, 4);
    gatherPixels(to, from, blocks, channels, plane, blocks == pixels);
    // One to three that are left are done with the last before them.
    if (blocks < pixels)
      gatherPixels(end - (pixelBytes << 2), from + ((<usize>(pixels - 4)) << 2), 4, channels, plane, true);
    return end;
  }
  for (; to < end; to += pixelBytes, from += column) {
    for (let channel = 0; channel < channels; channel++) {
      store<f32>(to + ((<usize>channel) << 2), load<f32>(from + <usize>channel * plane));
    }
  }
  return end;
}

/** Pixels and channels of a block, a line of the cache in x as in y. */
const lineFloats: i32 = 16;

/**
 * Copies so many pixels, a multiple of 4, whose channels lie `plane` bytes apart, each channel's pixels one after another: in squares
 * of 4 × 4, of which 16 are a block, along the pixels before the next channels. `isLast` says that nothing is written after them.
 */
function gatherPixels(to: usize, from: usize, pixels: i32, channels: i32, plane: usize, isLast: bool): void {
  const pixelBytes = (<usize>channels) << 2;
  const whole = wholeUnits(channels, 4);
  // The last one to three channels come first: their vectors reach into the next pixel, which is written afterwards.
  if (whole < channels) gatherSquares(to, from, whole, pixels, channels - whole, plane, pixelBytes, isLast);
  for (let group = 0; group < whole; group += lineFloats) {
    const groupEnd = min(group + lineFloats, whole);
    for (let pixel = 0; pixel < pixels; pixel += lineFloats) {
      const count = min(pixels - pixel, lineFloats);
      const block = to + <usize>pixel * pixelBytes;
      for (let channel = group; channel < groupEnd; channel += 4) {
        gatherSquares(block, from + ((<usize>pixel) << 2), channel, count, 4, plane, pixelBytes, false);
      }
    }
  }
}

/** Up to 4 channels, the first of which is `channel`, of `pixels` pixels. Only the last pixel is stored in part, if asked. */
function gatherSquares(
  to: usize,
  from: usize,
  channel: i32,
  pixels: i32,
  channels: i32,
  plane: usize,
  pixelBytes: usize,
  isLast: bool,
): void {
  const x0 = from + <usize>channel * plane;
  const x1 = channels > 1 ? x0 + plane : x0;
  const x2 = channels > 2 ? x1 + plane : x1;
  const x3 = channels > 3 ? x2 + plane : x2;
  to += (<usize>channel) << 2;
  const end = (<usize>pixels) << 2;
  for (let at: usize = 0; at < end; at += 16, to += pixelBytes << 2) {
    const a = v128.load(x0 + at);
    const b = v128.load(x1 + at);
    const c = v128.load(x2 + at);
    const d = v128.load(x3 + at);
    const abLow = i32x4.shuffle(a, b, 0, 4, 1, 5);
    const abHigh = i32x4.shuffle(a, b, 2, 6, 3, 7);
    const cdLow = i32x4.shuffle(c, d, 0, 4, 1, 5);
    const cdHigh = i32x4.shuffle(c, d, 2, 6, 3, 7);
    const to2 = to + (pixelBytes << 1);
    v128.store(to, i64x2.shuffle(abLow, cdLow, 0, 2));
    v128.store(to + pixelBytes, i64x2.shuffle(abLow, cdLow, 1, 3));
    v128.store(to2, i64x2.shuffle(abHigh, cdHigh, 0, 2));
    const fourth = i64x2.shuffle(abHigh, cdHigh, 1, 3);
    if (isLast && at + 16 == end) storePartial(to2 + pixelBytes, fourth, channels);
    else v128.store(to2 + pixelBytes, fourth);
  }
}

/** Copies `bytes` and returns the end of the copy. */
function copyFloats(to: usize, from: usize, bytes: usize): usize {
  const end = to + bytes;
  if (bytes > longRun) {
    memory.copy(to, from, bytes);
    return end;
  }
  for (; to + 32 <= end; to += 32, from += 32) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
  }
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(from));
  return end;
}

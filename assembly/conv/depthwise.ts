import { loadPartial, multiplyAdd, storePartial } from "../math/lanes";
import { shareEnd, shareStart, wholeUnits } from "../partition";
import { isAligned, KernelRecord } from "../record";

/**
 * y[b, i, j, c] = bias[c] + Σ over taps (p, q) of x[b, row, column, c] · weight[p · weightRow + q · weightColumn + c], then
 * ReLU if asked for, with row = i · stepHeight + startHeight + p · dilationHeight, column likewise; taps that fall outside x
 * are left out. Forward is this with start = −padding. The input gradient is this once for each phase of the stride: x is
 * dy then, the taps are taken from a part of the kernel backwards (weightRow and weightColumn are negative), and y is
 * written with gaps. bias may be 0: none. There may be no taps at all. Strides count floats, and pixels of x are xPixel apart.
 */
@unmanaged
export class DepthwiseConv2dRecord extends KernelRecord {
  x: usize;
  weight: usize;
  bias: usize;
  y: usize;
  batch: i32;
  height: i32;
  width: i32;
  channels: i32;
  outHeight: i32;
  outWidth: i32;
  xPixel: i32;
  yImage: i32;
  yRow: i32;
  yColumn: i32;
  tapRows: i32;
  tapColumns: i32;
  stepHeight: i32;
  stepWidth: i32;
  startHeight: i32;
  startWidth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  weightRow: i32;
  weightColumn: i32;
  relu: bool;
}

export function depthwiseConv2d(record: DepthwiseConv2dRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.x | record.weight | record.bias | record.y));
  assert(record.stepHeight > 0 && record.stepWidth > 0);
  assert(record.dilationHeight > 0 && record.dilationWidth > 0);
  const rows = record.batch * record.outHeight;
  const last = shareEnd(rows, 1, thread, threads);
  for (let row = shareStart(rows, 1, thread, threads); row < last; row++) convolveRow(record, row);
}

/** First tap of an axis that does not lie before position 0, where tap 0 lies at `position`. */
// @ts-ignore: decorator
@inline
export function firstTap(position: i32, dilation: i32): i32 {
  return position < 0 ? (dilation - 1 - position) / dilation : 0;
}

/** End of the taps, of which there are `taps`, that lie before `size`. */
// @ts-ignore: decorator
@inline
export function endTap(position: i32, dilation: i32, taps: i32, size: i32): i32 {
  return position < size ? min(taps, (size - 1 - position) / dilation + 1) : 0;
}

/** Pixels of a register tile. */
const tilePixels: i32 = 4;

function convolveRow(record: DepthwiseConv2dRecord, row: i32): void {
  const image = row / record.outHeight;
  const outRow = row - image * record.outHeight;
  const pixelBytes = (<usize>record.xPixel) << 2;
  const top = outRow * record.stepHeight + record.startHeight;
  const tap = firstTap(top, record.dilationHeight);
  const tapRows = endTap(top, record.dilationHeight, record.tapRows, record.height) - tap;
  const sourceRow = image * record.height + top + tap * record.dilationHeight;
  const start = record.startWidth;
  // Wraps around where it lies before x: taps are added before anything is read.
  const x = record.x + <usize>(sourceRow * record.width + start) * pixelBytes;
  const weight = record.weight + ((<usize>(tap * record.weightRow)) << 2);
  const y = record.y + ((<usize>image * <usize>record.yImage + <usize>outRow * <usize>record.yRow) << 2);
  const yBytes = (<usize>record.yColumn) << 2;
  const step = record.stepWidth;
  const stepBytes = <usize>step * pixelBytes;
  const outWidth = record.outWidth;
  const tapColumns = record.tapColumns;
  // The columns that see all taps of a row.
  const first = min(firstTap(start, step), outWidth);
  const reach = start + (tapColumns - 1) * record.dilationWidth;
  const end = endTap(reach, step, outWidth, record.width);
  let column = 0;
  while (column < outWidth) {
    if (column >= first && column < end && end - first >= tilePixels) {
      // The last tile computes some pixels again, to the same bits, rather than leave them over.
      const at = min(column, end - tilePixels);
      convolveTile(record, x + <usize>at * stepBytes, weight, y + <usize>at * yBytes, tapRows);
      column = at + tilePixels;
      continue;
    }
    const left = start + column * step;
    const tapColumn = firstTap(left, record.dilationWidth);
    const columns = endTap(left, record.dilationWidth, tapColumns, record.width) - tapColumn;
    convolvePixel(
      record,
      x + <usize>column * stepBytes + <usize>(tapColumn * record.dilationWidth) * pixelBytes,
      weight + ((<usize>(tapColumn * record.weightColumn)) << 2),
      y + <usize>column * yBytes,
      tapRows,
      columns,
      0,
    );
    column++;
  }
}

/**
 * Four pixels that see all taps of a row, 8 channels at a time. Half-way through a tap stands a branch that is never taken:
 * without it V8 loads the operands of all four pixels first and runs out of registers, which costs a tenth of the time.
 */
function convolveTile(record: DepthwiseConv2dRecord, x: usize, weight: usize, y: usize, tapRows: i32): void {
  const channelBytes = (<usize>record.channels) << 2;
  const pixelBytes = (<usize>record.xPixel) << 2;
  const stepBytes = <usize>record.stepWidth * pixelBytes;
  const yBytes = (<usize>record.yColumn) << 2;
  const tapColumns = record.tapColumns;
  const tapBytes = <usize>record.dilationWidth * pixelBytes;
  const weightBytes = (<usize>record.weightColumn) << 2;
  const rowBytes = <usize>(record.dilationHeight * record.width) * pixelBytes;
  const weightRowBytes = (<usize>record.weightRow) << 2;
  const bias = record.bias;
  const wholeBytes = tapColumns > 0 ? wholeUnits<usize>(channelBytes, 32) : 0;
  let at: usize = 0;
  for (; at < wholeBytes; at += 32) {
    let c00 = f32x4.splat(0);
    let c01 = c00;
    if (bias != 0) {
      c00 = v128.load(bias + at);
      c01 = v128.load(bias + at, 16);
    }
    let c10 = c00;
    let c11 = c01;
    let c20 = c00;
    let c21 = c01;
    let c30 = c00;
    let c31 = c01;
    let row = x + at;
    let weights = weight + at;
    for (let i = tapRows; i > 0; i--) {
      let p = row;
      let w = weights;
      let j = tapColumns;
      do {
        const w0 = v128.load(w);
        const w1 = v128.load(w, 16);
        c00 = multiplyAdd(v128.load(p), w0, c00);
        c01 = multiplyAdd(v128.load(p, 16), w1, c01);
        let next = p + stepBytes;
        c10 = multiplyAdd(v128.load(next), w0, c10);
        c11 = multiplyAdd(v128.load(next, 16), w1, c11);
        if (j == -1) break;
        next += stepBytes;
        c20 = multiplyAdd(v128.load(next), w0, c20);
        c21 = multiplyAdd(v128.load(next, 16), w1, c21);
        next += stepBytes;
        c30 = multiplyAdd(v128.load(next), w0, c30);
        c31 = multiplyAdd(v128.load(next, 16), w1, c31);
        p += tapBytes;
        w += weightBytes;
      } while (--j > 0);
      row += rowBytes;
      weights += weightRowBytes;
    }
    if (record.relu) {
      const zero = f32x4.splat(0);
      c00 = f32x4.pmax(c00, zero);
      c01 = f32x4.pmax(c01, zero);
      c10 = f32x4.pmax(c10, zero);
      c11 = f32x4.pmax(c11, zero);
      c20 = f32x4.pmax(c20, zero);
      c21 = f32x4.pmax(c21, zero);
      c30 = f32x4.pmax(c30, zero);
      c31 = f32x4.pmax(c31, zero);
    }
    let to = y + at;
    v128.store(to, c00);
    v128.store(to, c01, 16);
    to += yBytes;
    v128.store(to, c10);
    v128.store(to, c11, 16);
    to += yBytes;
    v128.store(to, c20);
    v128.store(to, c21, 16);
    to += yBytes;
    v128.store(to, c30);
    v128.store(to, c31, 16);
  }
  if (at == channelBytes) return;
  for (let i = 0; i < tilePixels; i++, x += stepBytes, y += yBytes) {
    convolvePixel(record, x, weight, y, tapRows, tapColumns, at);
  }
}

/** One pixel and a rectangle of taps, from byte `at` of the channels on: 8 channels at a time, then 4, then the rest. */
function convolvePixel(
  record: DepthwiseConv2dRecord,
  x: usize,
  weight: usize,
  y: usize,
  tapRows: i32,
  tapColumns: i32,
  at: usize,
): void {
  const channelBytes = (<usize>record.channels) << 2;
  const pixelBytes = (<usize>record.xPixel) << 2;
  const tapBytes = <usize>record.dilationWidth * pixelBytes;
  const weightBytes = (<usize>record.weightColumn) << 2;
  const rowBytes = <usize>(record.dilationHeight * record.width) * pixelBytes;
  const weightRowBytes = (<usize>record.weightRow) << 2;
  const bias = record.bias;
  const zero = f32x4.splat(0);
  for (; at + 32 <= channelBytes; at += 32) {
    let c0 = zero;
    let c1 = zero;
    if (bias != 0) {
      c0 = v128.load(bias + at);
      c1 = v128.load(bias + at, 16);
    }
    let row = x + at;
    let weights = weight + at;
    for (let i = tapRows; i > 0; i--, row += rowBytes, weights += weightRowBytes) {
      let p = row;
      let w = weights;
      for (let j = tapColumns; j > 0; j--, p += tapBytes, w += weightBytes) {
        c0 = multiplyAdd(v128.load(p), v128.load(w), c0);
        c1 = multiplyAdd(v128.load(p, 16), v128.load(w, 16), c1);
      }
    }
    v128.store(y + at, record.relu ? f32x4.pmax(c0, zero) : c0);
    v128.store(y + at, record.relu ? f32x4.pmax(c1, zero) : c1, 16);
  }
  for (; at < channelBytes; at += 16) {
    const lanes = (channelBytes - at) >> 2;
    let c = bias != 0 ? loadPartial(bias + at, lanes) : zero;
    let row = x + at;
    let weights = weight + at;
    for (let i = tapRows; i > 0; i--, row += rowBytes, weights += weightRowBytes) {
      let p = row;
      let w = weights;
      for (let j = tapColumns; j > 0; j--, p += tapBytes, w += weightBytes) {
        c = multiplyAdd(loadPartial(p, lanes), loadPartial(w, lanes), c);
      }
    }
    if (record.relu) c = f32x4.pmax(c, zero);
    storePartial(y + at, c, lanes);
  }
}

import { loadPartial, multiplyAdd, storePartial } from "../math/lanes";
import { partsOf, shareEnd, shareStart, wholeUnits } from "../partition";
import { isAligned, KernelRecord } from "../record";
import { endTap, firstTap } from "./depthwise";

/**
 * dw[p, q, c] = Σ over images b and outputs (i, j) of x[b, row, column, c] · dy[b, i, j, c], with
 * row = i · strideHeight − paddingHeight + p · dilationHeight, column likewise, where x has such a pixel. Pixels of x, and of dy,
 * are `pixel` floats apart. The output rows of all images are cut into chunks of `chunkRows`, each of which gets a dw of its own: gemmReduce adds them if there are several.
 */
@unmanaged
export class DepthwiseConv2dWeightGradientRecord extends KernelRecord {
  x: usize;
  dy: usize;
  dw: usize;
  batch: i32;
  height: i32;
  width: i32;
  channels: i32;
  outHeight: i32;
  outWidth: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  pixel: i32;
  strideHeight: i32;
  strideWidth: i32;
  paddingHeight: i32;
  paddingWidth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  chunkRows: i32;
}

/** Channels of one unit of work; a multiple of 8. */
const stripChannels: i32 = 64;

export function depthwiseConv2dWeightGradient(
  record: DepthwiseConv2dWeightGradientRecord,
  thread: i32,
  threads: i32,
): void {
  assert(isAligned(record.x | record.dy | record.dw) && record.chunkRows > 0);
  assert(record.strideHeight > 0 && record.strideWidth > 0);
  assert(record.dilationHeight > 0 && record.dilationWidth > 0);
  const rows = record.batch * record.outHeight;
  const chunkRows = record.chunkRows;
  const chunks = max(partsOf(rows, chunkRows), 1);
  const strips = partsOf(record.channels, stripChannels);
  const taps = record.kernelHeight * record.kernelWidth;
  const pixelBytes = (<usize>record.channels) << 2;
  const last = shareEnd(chunks * strips, 1, thread, threads);
  for (let unit = shareStart(chunks * strips, 1, thread, threads); unit < last; unit++) {
    const chunk = unit / strips;
    const channel = (unit - chunk * strips) * stripChannels;
    const offset = (<usize>channel) << 2;
    const bytes = (<usize>min(stripChannels, record.channels - channel)) << 2;
    const dw = record.dw + <usize>(chunk * taps) * pixelBytes + offset;
    for (let tap = 0; tap < taps; tap++) memory.fill(dw + <usize>tap * pixelBytes, 0, bytes);
    const end = min(chunk * chunkRows + chunkRows, rows);
    for (let row = chunk * chunkRows; row < end; row++) addRow(record, row, dw, offset, bytes);
  }
}

/** Adds what one output row gives to `bytes` of the channels. */
function addRow(record: DepthwiseConv2dWeightGradientRecord, row: i32, dw: usize, offset: usize, bytes: usize): void {
  const image = row / record.outHeight;
  const top = (row - image * record.outHeight) * record.strideHeight - record.paddingHeight;
  const kernelWidth = record.kernelWidth;
  const dilation = record.dilationWidth;
  const pixelBytes = (<usize>record.pixel) << 2;
  const tapBytes = (<usize>record.channels) << 2;
  const dy = record.dy + <usize>(row * record.outWidth) * pixelBytes + offset;
  const end = endTap(top, record.dilationHeight, record.kernelHeight, record.height);
  const eights = wholeUnits<usize>(bytes, 32);
  for (let tapRow = firstTap(top, record.dilationHeight); tapRow < end; tapRow++) {
    const sourceRow = image * record.height + top + tapRow * record.dilationHeight;
    const x = record.x + <usize>(sourceRow * record.width) * pixelBytes + offset;
    const sums = dw + <usize>(tapRow * kernelWidth) * tapBytes;
    let from: usize = 0;
    if (kernelWidth >= 3) {
      for (let tap = 0; tap < kernelWidth; tap += 3) {
        // The last three taps may begin with some that are done.
        const at = min(tap, kernelWidth - 3);
        const column = at * dilation - record.paddingWidth;
        addTaps(record, x + <usize>column * pixelBytes, dy, sums + <usize>at * tapBytes, column, tap - at, eights);
      }
      from = eights;
    }
    if (from == bytes) continue;
    for (let tap = 0; tap < kernelWidth; tap++) {
      const column = tap * dilation - record.paddingWidth;
      const first = firstTap(column, record.strideWidth);
      const pixels = endTap(column, record.strideWidth, record.outWidth, record.width) - first;
      addTap(
        record,
        x + <usize>(column + first * record.strideWidth) * pixelBytes,
        dy + <usize>first * pixelBytes,
        sums + <usize>tap * tapBytes,
        pixels,
        from,
        bytes,
      );
    }
  }
}

/** Three taps side by side and 8 channels at a time, of which the first `done` taps are computed for nothing. */
function addTaps(
  record: DepthwiseConv2dWeightGradientRecord,
  x: usize,
  dy: usize,
  dw: usize,
  column: i32,
  done: i32,
  bytes: usize,
): void {
  const pixelBytes = (<usize>record.pixel) << 2;
  const dilation = record.dilationWidth;
  const stride = record.strideWidth;
  const stepBytes = <usize>stride * pixelBytes;
  const tapBytes = <usize>dilation * pixelBytes;
  const width = record.width;
  const outWidth = record.outWidth;
  // The outputs for which all three taps lie within x.
  const first = min(firstTap(column, stride), outWidth);
  const end = max(endTap(column + 2 * dilation, stride, outWidth, width), first);
  const channelBytes = (<usize>record.channels) << 2;
  const dw1 = dw + channelBytes;
  const dw2 = dw1 + channelBytes;
  for (let at: usize = 0; at < bytes; at += 32) {
    let c00 = v128.load(dw + at);
    let c01 = v128.load(dw + at, 16);
    let c10 = v128.load(dw1 + at);
    let c11 = v128.load(dw1 + at, 16);
    let c20 = v128.load(dw2 + at);
    let c21 = v128.load(dw2 + at, 16);
    let p = x + at;
    let d = dy + at;
    let pixel = 0;
    let stop = first;
    for (;;) {
      for (; pixel < stop; pixel++, p += stepBytes, d += pixelBytes) {
        const position = column + pixel * stride;
        const d0 = v128.load(d);
        const d1 = v128.load(d, 16);
        if (<u32>position < <u32>width) {
          c00 = multiplyAdd(v128.load(p), d0, c00);
          c01 = multiplyAdd(v128.load(p, 16), d1, c01);
        }
        if (<u32>(position + dilation) < <u32>width) {
          c10 = multiplyAdd(v128.load(p + tapBytes), d0, c10);
          c11 = multiplyAdd(v128.load(p + tapBytes, 16), d1, c11);
        }
        if (<u32>(position + 2 * dilation) < <u32>width) {
          c20 = multiplyAdd(v128.load(p + 2 * tapBytes), d0, c20);
          c21 = multiplyAdd(v128.load(p + 2 * tapBytes, 16), d1, c21);
        }
      }
      if (stop == outWidth) break;
      for (; pixel < end; pixel++, p += stepBytes, d += pixelBytes) {
        const d0 = v128.load(d);
        const d1 = v128.load(d, 16);
        c00 = multiplyAdd(v128.load(p), d0, c00);
        c01 = multiplyAdd(v128.load(p, 16), d1, c01);
        const p1 = p + tapBytes;
        c10 = multiplyAdd(v128.load(p1), d0, c10);
        c11 = multiplyAdd(v128.load(p1, 16), d1, c11);
        const p2 = p1 + tapBytes;
        c20 = multiplyAdd(v128.load(p2), d0, c20);
        c21 = multiplyAdd(v128.load(p2, 16), d1, c21);
      }
      stop = outWidth;
    }
    if (done < 1) {
      v128.store(dw + at, c00);
      v128.store(dw + at, c01, 16);
    }
    if (done < 2) {
      v128.store(dw1 + at, c10);
      v128.store(dw1 + at, c11, 16);
    }
    v128.store(dw2 + at, c20);
    v128.store(dw2 + at, c21, 16);
  }
}

/** One tap over `pixels` outputs that see it, for the channels from byte `from` to `to`. */
function addTap(
  record: DepthwiseConv2dWeightGradientRecord,
  x: usize,
  dy: usize,
  dw: usize,
  pixels: i32,
  from: usize,
  to: usize,
): void {
  const pixelBytes = (<usize>record.pixel) << 2;
  const stepBytes = <usize>record.strideWidth * pixelBytes;
  for (let at = from; at < to; at += 16) {
    const lanes = (to - at) >> 2;
    let sum = loadPartial(dw + at, lanes);
    let p = x + at;
    let d = dy + at;
    for (let i = pixels; i > 0; i--, p += stepBytes, d += pixelBytes) {
      sum = multiplyAdd(loadPartial(p, lanes), loadPartial(d, lanes), sum);
    }
    storePartial(dw + at, sum, lanes);
  }
}

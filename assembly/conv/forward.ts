import { NR } from "../gemm/params";
import { loadPartial, multiplyAdd } from "../math/lanes";
import { partsOf, shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";
import { storeColumns } from "./columns";
import { touch } from "./touch";

/**
 * y[pixel, n] = Σ_k patch(pixel)[k] · w[k, n] + bias[n], then ReLU if asked for: a GEMM whose left operand is read where it
 * lies. Output pixels are counted through groups of `groupPixels` (those of one image or of several): pixel i of group g is
 * written at y + g · yGroup + yPixels[i], and its patch begins at x + g · xGroup + xPixels[i]. A patch consists of pieces of
 * `pieceLength` (1, `shortPiece` or `longPiece`) consecutive floats at the offsets `pieces` from its beginning. The tables hold offsets in bytes,
 * the group strides count floats. Behind their last entry the pixel tables repeat it up to a multiple of `convTilePixels`.
 *
 * `packed` holds w in panels of 8 columns, as gemmPack makes them, with K = pieceCount · pieceLength, which may be 0. bias
 * may be 0: none.
 *
 * Of a grouped convolution the n of a pixel are `channelGroups` times `outChannels`, and the patches of each channel group begin
 * `xChannels` floats behind those of the one before. The panels of a group follow those of the one before.
 */
@unmanaged
export class Conv2dRecord extends KernelRecord {
  x: usize;
  packed: usize;
  bias: usize;
  y: usize;
  pieces: usize;
  xPixels: usize;
  yPixels: usize;
  pieceCount: i32;
  pieceLength: i32;
  groups: i32;
  groupPixels: i32;
  xGroup: i32;
  yGroup: i32;
  channelGroups: i32;
  xChannels: i32;
  outChannels: i32;
  relu: bool;
}

/** Pixels of a register tile. */
// @ts-ignore: decorator
@shared
export const convTilePixels: i32 = 4;

/** Floats of the pieces that patches are made of, where those are not single floats. */
// @ts-ignore: decorator
@shared
export const longPiece: i32 = 4;
// @ts-ignore: decorator
@shared
export const shortPiece: i32 = 3;

/** Tiles that one panel after another passes over, at most: what they read and write stays in the L2 cache. */
const blockTiles: i32 = 32;

export function conv2d(record: Conv2dRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.packed | record.y | record.x | record.pieces | record.xPixels | record.yPixels));
  assert(record.pieceLength == 1 || record.pieceLength == shortPiece || record.pieceLength == longPiece);
  assert(record.pieceCount >= 0 && record.groups >= 0 && record.groupPixels >= 0);
  const panels = record.channelGroups * partsOf(record.outChannels, NR);
  const groupTiles = partsOf(record.groupPixels, convTilePixels);
  const tiles = record.groups * groupTiles;
  // Threads share the pixels, so that each reads its part of x only; where pixels are few, there are many panels to share.
  const sharePanels = tiles < threads << 3 && panels > 1;
  const lastTile = sharePanels ? tiles : shareEnd(tiles, 1, thread, threads);
  const firstPanel = sharePanels ? shareStart(panels, 1, thread, threads) : 0;
  const lastPanel = sharePanels ? shareEnd(panels, 1, thread, threads) : panels;
  let tile = sharePanels ? 0 : shareStart(tiles, 1, thread, threads);
  while (tile < lastTile) {
    const group = tile / groupTiles;
    const first = tile - group * groupTiles;
    const count = min(min(blockTiles, groupTiles - first), lastTile - tile);
    touchPatches(record, group, first, count);
    for (let panel = firstPanel; panel < lastPanel; panel++) convPanel(record, group, first, count, panel);
    tile += count;
  }
}

/** Everything from the first piece of the first pixel's patch to the last piece of the last one's, of the first channel group. */
function touchPatches(record: Conv2dRecord, group: i32, first: i32, count: i32): void {
  if (record.pieceCount == 0) return;
  const x = record.x + ((<usize>group * <usize>record.xGroup) << 2);
  const pixel = record.xPixels + ((<usize>first) << 4);
  const lastPixel = pixel + ((<usize>count) << 4) - 4;
  const lastPiece = record.pieces + ((<usize>(record.pieceCount - 1)) << 2);
  const from = x + <usize>load<u32>(pixel) + <usize>load<u32>(record.pieces);
  touch(from, x + <usize>load<u32>(lastPixel) + <usize>load<u32>(lastPiece));
}

/**
 * Register tiles first … first + count − 1 of a group, of 4 pixels × the 8 channels of one panel. Between the steps of a
 * piece stands a branch that is never taken (no table lies at address 1, 2 or 3): without it V8 loads the operands of all steps
 * first and runs out of registers. Loops test at their end, for V8 moves nothing out of a loop that tests at its start.
 */
function convPanel(record: Conv2dRecord, group: i32, first: i32, count: i32, panel: i32): void {
  const pieceLength = record.pieceLength;
  const pieces = record.pieces;
  const lastPiece = pieces + ((<usize>record.pieceCount) << 2);
  const outChannels = record.outChannels;
  const groupPanels = partsOf(outChannels, NR);
  const channelGroup = panel / groupPanels;
  const columns = outChannels - (panel - channelGroup * groupPanels) * NR;
  const channel = <usize>(channelGroup * outChannels + outChannels - columns);
  const packed = record.packed + ((<usize>panel) << 5) * <usize>(record.pieceCount * pieceLength);
  const x = record.x + ((<usize>group * <usize>record.xGroup + <usize>channelGroup * <usize>record.xChannels) << 2);
  const y = record.y + ((<usize>group * <usize>record.yGroup + channel) << 2);
  const relu = record.relu;
  let bias0 = f32x4.splat(0);
  let bias1 = bias0;
  if (record.bias != 0) {
    bias0 = loadPartial(record.bias + (channel << 2), columns);
    bias1 = loadPartial(record.bias + (channel << 2) + 16, columns - 4);
  }
  let xPixel = record.xPixels + ((<usize>first) << 4);
  let yPixel = record.yPixels + ((<usize>first) << 4);
  const end = xPixel + ((<usize>count) << 4);
  do {
    const x0 = x + <usize>load<u32>(xPixel);
    const x1 = x + <usize>load<u32>(xPixel, 4);
    const x2 = x + <usize>load<u32>(xPixel, 8);
    const x3 = x + <usize>load<u32>(xPixel, 12);
    let c00 = bias0;
    let c01 = bias1;
    let c10 = bias0;
    let c11 = bias1;
    let c20 = bias0;
    let c21 = bias1;
    let c30 = bias0;
    let c31 = bias1;
    let b = packed;
    let piece = pieces;
    if (piece == lastPiece) {
      // No taps at all: the bias alone.
    } else if (pieceLength == longPiece) {
      do {
        const offset = <usize>load<u32>(piece);
        const p0 = x0 + offset;
        const p1 = x1 + offset;
        const p2 = x2 + offset;
        const p3 = x3 + offset;
        let b0 = v128.load(b);
        let b1 = v128.load(b, 16);
        let a = v128.load_splat<f32>(p0);
        c00 = multiplyAdd(a, b0, c00);
        c01 = multiplyAdd(a, b1, c01);
        a = v128.load_splat<f32>(p1);
        c10 = multiplyAdd(a, b0, c10);
        c11 = multiplyAdd(a, b1, c11);
        a = v128.load_splat<f32>(p2);
        c20 = multiplyAdd(a, b0, c20);
        c21 = multiplyAdd(a, b1, c21);
        a = v128.load_splat<f32>(p3);
        c30 = multiplyAdd(a, b0, c30);
        c31 = multiplyAdd(a, b1, c31);
        if (piece == 1) break;
        b0 = v128.load(b, 32);
        b1 = v128.load(b, 48);
        a = v128.load_splat<f32>(p0, 4);
        c00 = multiplyAdd(a, b0, c00);
        c01 = multiplyAdd(a, b1, c01);
        a = v128.load_splat<f32>(p1, 4);
        c10 = multiplyAdd(a, b0, c10);
        c11 = multiplyAdd(a, b1, c11);
        a = v128.load_splat<f32>(p2, 4);
        c20 = multiplyAdd(a, b0, c20);
        c21 = multiplyAdd(a, b1, c21);
        a = v128.load_splat<f32>(p3, 4);
        c30 = multiplyAdd(a, b0, c30);
        c31 = multiplyAdd(a, b1, c31);
        if (piece == 2) break;
        b0 = v128.load(b, 64);
        b1 = v128.load(b, 80);
        a = v128.load_splat<f32>(p0, 8);
        c00 = multiplyAdd(a, b0, c00);
        c01 = multiplyAdd(a, b1, c01);
        a = v128.load_splat<f32>(p1, 8);
        c10 = multiplyAdd(a, b0, c10);
        c11 = multiplyAdd(a, b1, c11);
        a = v128.load_splat<f32>(p2, 8);
        c20 = multiplyAdd(a, b0, c20);
        c21 = multiplyAdd(a, b1, c21);
        a = v128.load_splat<f32>(p3, 8);
        c30 = multiplyAdd(a, b0, c30);
        c31 = multiplyAdd(a, b1, c31);
        if (piece == 3) break;
        b0 = v128.load(b, 96);
        b1 = v128.load(b, 112);
        a = v128.load_splat<f32>(p0, 12);
        c00 = multiplyAdd(a, b0, c00);
        c01 = multiplyAdd(a, b1, c01);
        a = v128.load_splat<f32>(p1, 12);
        c10 = multiplyAdd(a, b0, c10);
        c11 = multiplyAdd(a, b1, c11);
        a = v128.load_splat<f32>(p2, 12);
        c20 = multiplyAdd(a, b0, c20);
        c21 = multiplyAdd(a, b1, c21);
        a = v128.load_splat<f32>(p3, 12);
        c30 = multiplyAdd(a, b0, c30);
        c31 = multiplyAdd(a, b1, c31);
        piece += 4;
        b += 128;
      } while (piece < lastPiece);
    } else if (pieceLength == shortPiece) {
      do {
        const offset = <usize>load<u32>(piece);
        const p0 = x0 + offset;
        const p1 = x1 + offset;
        const p2 = x2 + offset;
        const p3 = x3 + offset;
        let b0 = v128.load(b);
        let b1 = v128.load(b, 16);
        let a = v128.load_splat<f32>(p0);
        c00 = multiplyAdd(a, b0, c00);
        c01 = multiplyAdd(a, b1, c01);
        a = v128.load_splat<f32>(p1);
        c10 = multiplyAdd(a, b0, c10);
        c11 = multiplyAdd(a, b1, c11);
        a = v128.load_splat<f32>(p2);
        c20 = multiplyAdd(a, b0, c20);
        c21 = multiplyAdd(a, b1, c21);
        a = v128.load_splat<f32>(p3);
        c30 = multiplyAdd(a, b0, c30);
        c31 = multiplyAdd(a, b1, c31);
        if (piece == 1) break;
        b0 = v128.load(b, 32);
        b1 = v128.load(b, 48);
        a = v128.load_splat<f32>(p0, 4);
        c00 = multiplyAdd(a, b0, c00);
        c01 = multiplyAdd(a, b1, c01);
        a = v128.load_splat<f32>(p1, 4);
        c10 = multiplyAdd(a, b0, c10);
        c11 = multiplyAdd(a, b1, c11);
        a = v128.load_splat<f32>(p2, 4);
        c20 = multiplyAdd(a, b0, c20);
        c21 = multiplyAdd(a, b1, c21);
        a = v128.load_splat<f32>(p3, 4);
        c30 = multiplyAdd(a, b0, c30);
        c31 = multiplyAdd(a, b1, c31);
        if (piece == 2) break;
        b0 = v128.load(b, 64);
        b1 = v128.load(b, 80);
        a = v128.load_splat<f32>(p0, 8);
        c00 = multiplyAdd(a, b0, c00);
        c01 = multiplyAdd(a, b1, c01);
        a = v128.load_splat<f32>(p1, 8);
        c10 = multiplyAdd(a, b0, c10);
        c11 = multiplyAdd(a, b1, c11);
        a = v128.load_splat<f32>(p2, 8);
        c20 = multiplyAdd(a, b0, c20);
        c21 = multiplyAdd(a, b1, c21);
        a = v128.load_splat<f32>(p3, 8);
        c30 = multiplyAdd(a, b0, c30);
        c31 = multiplyAdd(a, b1, c31);
        piece += 4;
        b += 96;
      } while (piece < lastPiece);
    } else {
      do {
        const offset = <usize>load<u32>(piece);
        const p0 = x0 + offset;
        const p1 = x1 + offset;
        const p2 = x2 + offset;
        const p3 = x3 + offset;
        let b0 = v128.load(b);
        let b1 = v128.load(b, 16);
        let a = v128.load_splat<f32>(p0);
        c00 = multiplyAdd(a, b0, c00);
        c01 = multiplyAdd(a, b1, c01);
        a = v128.load_splat<f32>(p1);
        c10 = multiplyAdd(a, b0, c10);
        c11 = multiplyAdd(a, b1, c11);
        a = v128.load_splat<f32>(p2);
        c20 = multiplyAdd(a, b0, c20);
        c21 = multiplyAdd(a, b1, c21);
        a = v128.load_splat<f32>(p3);
        c30 = multiplyAdd(a, b0, c30);
        c31 = multiplyAdd(a, b1, c31);
        piece += 4;
        b += 32;
      } while (piece < lastPiece);
    }
    if (relu) {
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
    const y0 = y + <usize>load<u32>(yPixel);
    const y1 = y + <usize>load<u32>(yPixel, 4);
    const y2 = y + <usize>load<u32>(yPixel, 8);
    const y3 = y + <usize>load<u32>(yPixel, 12);
    if (columns >= 8) {
      v128.store(y0, c00);
      v128.store(y0, c01, 16);
      v128.store(y1, c10);
      v128.store(y1, c11, 16);
      v128.store(y2, c20);
      v128.store(y2, c21, 16);
      v128.store(y3, c30);
      v128.store(y3, c31, 16);
    } else {
      storeColumns(y0, c00, c01, columns);
      storeColumns(y1, c10, c11, columns);
      storeColumns(y2, c20, c21, columns);
      storeColumns(y3, c30, c31, columns);
    }
    xPixel += 16;
    yPixel += 16;
  } while (xPixel < end);
}

import { NR } from "../gemm/params";
import { loadPartial, multiplyAdd } from "../math/lanes";
import { partsOf } from "../partition";
import { KernelRecord } from "../record";
import { storeColumns } from "./columns";
import { longPiece, shortPiece } from "./forward";

/**
 * dw[k, n] = Σ over the output pixels of patch[k] · dy[n]. Pixels and patches are addressed as in Conv2dRecord; dy is
 * contiguous, `groupPixels` rows of channels for each group. Channel groups are those of Conv2dRecord, too.
 *
 * The pixels of a group are cut into blocks of at most `blockPixels`, which stay in the caches while the register tiles pass
 * over them. The blocks are shared out to `chunks`, each of which gets a matrix K × channels of its own at dw: gemmReduce
 * adds them if there are several. `scratch` holds `slots` times blockPixels · 8 floats, one for each thread that works.
 */
@unmanaged
export class Conv2dWeightGradientRecord extends KernelRecord {
  x: usize;
  dy: usize;
  dw: usize;
  pieces: usize;
  xPixels: usize;
  scratch: usize;
  pieceCount: i32;
  pieceLength: i32;
  groups: i32;
  groupPixels: i32;
  xGroup: i32;
  channelGroups: i32;
  xChannels: i32;
  outChannels: i32;
  blockPixels: i32;
  chunks: i32;
  slots: i32;
}

/** From so many tiles on that read one panel of dy, laying it out contiguously pays. */
const packedTiles: i32 = 12;

/**
 * Tiles first … last − 1 of one panel over the pixels of one block. A register tile is the elements of a piece of the patch (four
 * where pieces are single floats) by 8 channels. The tests for the end between pixels also keep V8 from loading the operands of
 * several pixels first, for which it has too few registers.
 */
export function sumPanel(
  record: Conv2dWeightGradientRecord,
  chunk: i32,
  group: i32,
  panel: i32,
  first: i32,
  last: i32,
  firstPixel: i32,
  count: i32,
  add: bool,
  scratch: usize,
): void {
  const pieceLength = record.pieceLength;
  const tileRows = pieceLength == shortPiece ? shortPiece : longPiece;
  const K = record.pieceCount * pieceLength;
  const groupPanels = partsOf(record.outChannels, NR);
  const channelGroup = panel / groupPanels;
  const groupChannel = (panel - channelGroup * groupPanels) * NR;
  const columns = min(record.outChannels - groupChannel, NR);
  const channel = channelGroup * record.outChannels + groupChannel;
  const outChannels = record.channelGroups * record.outChannels;
  const rowBytes = (<usize>outChannels) << 2;
  const x = record.x + ((<usize>group * <usize>record.xGroup + <usize>channelGroup * <usize>record.xChannels) << 2);
  const pixels = record.xPixels + ((<usize>firstPixel) << 2);
  const end = pixels + ((<usize>count) << 2);
  const end1 = end - 4;
  const end2 = end - 8;
  const end3 = end - 12;
  let dy = record.dy + <usize>(group * record.groupPixels + firstPixel) * rowBytes + ((<usize>channel) << 2);
  let dyStep = rowBytes;
  if (columns < 8 || (last - first >= packedTiles && outChannels > 8)) {
    packPanel(dy, rowBytes, scratch, count, columns);
    dy = scratch;
    dyStep = 32;
  }
  const firstRow = first * tileRows;
  let dw = record.dw + (((<usize>chunk * <usize>K + <usize>firstRow) * <usize>outChannels + <usize>channel) << 2);
  let piece = record.pieces + ((<usize>(pieceLength == 1 ? firstRow : first)) << 2);
  let rows = K - firstRow;
  const zero = f32x4.splat(0);
  do {
    const x0 = x + <usize>load<u32>(piece);
    const dw1 = rows > 1 ? dw + rowBytes : dw;
    const dw2 = rows > 2 ? dw1 + rowBytes : dw;
    const dw3 = rows > 3 ? dw2 + rowBytes : dw;
    let c00 = zero;
    let c01 = zero;
    let c10 = zero;
    let c11 = zero;
    let c20 = zero;
    let c21 = zero;
    let c30 = zero;
    let c31 = zero;
    if (add) {
      c00 = loadPartial(dw, columns);
      c01 = loadPartial(dw + 16, columns - 4);
      c10 = loadPartial(dw1, columns);
      c11 = loadPartial(dw1 + 16, columns - 4);
      c20 = loadPartial(dw2, columns);
      c21 = loadPartial(dw2 + 16, columns - 4);
      c30 = loadPartial(dw3, columns);
      c31 = loadPartial(dw3 + 16, columns - 4);
    }
    let pixel = pixels;
    let row = dy;
    if (count > 0) {
      if (pieceLength == longPiece) {
        do {
          let at = x0 + <usize>load<u32>(pixel);
          let b0 = v128.load(row);
          let b1 = v128.load(row, 16);
          let a = v128.load_splat<f32>(at);
          c00 = multiplyAdd(a, b0, c00);
          c01 = multiplyAdd(a, b1, c01);
          a = v128.load_splat<f32>(at, 4);
          c10 = multiplyAdd(a, b0, c10);
          c11 = multiplyAdd(a, b1, c11);
          a = v128.load_splat<f32>(at, 8);
          c20 = multiplyAdd(a, b0, c20);
          c21 = multiplyAdd(a, b1, c21);
          a = v128.load_splat<f32>(at, 12);
          c30 = multiplyAdd(a, b0, c30);
          c31 = multiplyAdd(a, b1, c31);
          row += dyStep;
          if (pixel == end1) break;
          at = x0 + <usize>load<u32>(pixel, 4);
          b0 = v128.load(row);
          b1 = v128.load(row, 16);
          a = v128.load_splat<f32>(at);
          c00 = multiplyAdd(a, b0, c00);
          c01 = multiplyAdd(a, b1, c01);
          a = v128.load_splat<f32>(at, 4);
          c10 = multiplyAdd(a, b0, c10);
          c11 = multiplyAdd(a, b1, c11);
          a = v128.load_splat<f32>(at, 8);
          c20 = multiplyAdd(a, b0, c20);
          c21 = multiplyAdd(a, b1, c21);
          a = v128.load_splat<f32>(at, 12);
          c30 = multiplyAdd(a, b0, c30);
          c31 = multiplyAdd(a, b1, c31);
          row += dyStep;
          if (pixel == end2) break;
          at = x0 + <usize>load<u32>(pixel, 8);
          b0 = v128.load(row);
          b1 = v128.load(row, 16);
          a = v128.load_splat<f32>(at);
          c00 = multiplyAdd(a, b0, c00);
          c01 = multiplyAdd(a, b1, c01);
          a = v128.load_splat<f32>(at, 4);
          c10 = multiplyAdd(a, b0, c10);
          c11 = multiplyAdd(a, b1, c11);
          a = v128.load_splat<f32>(at, 8);
          c20 = multiplyAdd(a, b0, c20);
          c21 = multiplyAdd(a, b1, c21);
          a = v128.load_splat<f32>(at, 12);
          c30 = multiplyAdd(a, b0, c30);
          c31 = multiplyAdd(a, b1, c31);
          row += dyStep;
          if (pixel == end3) break;
          at = x0 + <usize>load<u32>(pixel, 12);
          b0 = v128.load(row);
          b1 = v128.load(row, 16);
          a = v128.load_splat<f32>(at);
          c00 = multiplyAdd(a, b0, c00);
          c01 = multiplyAdd(a, b1, c01);
          a = v128.load_splat<f32>(at, 4);
          c10 = multiplyAdd(a, b0, c10);
          c11 = multiplyAdd(a, b1, c11);
          a = v128.load_splat<f32>(at, 8);
          c20 = multiplyAdd(a, b0, c20);
          c21 = multiplyAdd(a, b1, c21);
          a = v128.load_splat<f32>(at, 12);
          c30 = multiplyAdd(a, b0, c30);
          c31 = multiplyAdd(a, b1, c31);
          row += dyStep;
          pixel += 16;
        } while (pixel < end);
        piece += 4;
      } else if (pieceLength == shortPiece) {
        do {
          let at = x0 + <usize>load<u32>(pixel);
          let b0 = v128.load(row);
          let b1 = v128.load(row, 16);
          let a = v128.load_splat<f32>(at);
          c00 = multiplyAdd(a, b0, c00);
          c01 = multiplyAdd(a, b1, c01);
          a = v128.load_splat<f32>(at, 4);
          c10 = multiplyAdd(a, b0, c10);
          c11 = multiplyAdd(a, b1, c11);
          a = v128.load_splat<f32>(at, 8);
          c20 = multiplyAdd(a, b0, c20);
          c21 = multiplyAdd(a, b1, c21);
          row += dyStep;
          if (pixel == end1) break;
          at = x0 + <usize>load<u32>(pixel, 4);
          b0 = v128.load(row);
          b1 = v128.load(row, 16);
          a = v128.load_splat<f32>(at);
          c00 = multiplyAdd(a, b0, c00);
          c01 = multiplyAdd(a, b1, c01);
          a = v128.load_splat<f32>(at, 4);
          c10 = multiplyAdd(a, b0, c10);
          c11 = multiplyAdd(a, b1, c11);
          a = v128.load_splat<f32>(at, 8);
          c20 = multiplyAdd(a, b0, c20);
          c21 = multiplyAdd(a, b1, c21);
          row += dyStep;
          if (pixel == end2) break;
          at = x0 + <usize>load<u32>(pixel, 8);
          b0 = v128.load(row);
          b1 = v128.load(row, 16);
          a = v128.load_splat<f32>(at);
          c00 = multiplyAdd(a, b0, c00);
          c01 = multiplyAdd(a, b1, c01);
          a = v128.load_splat<f32>(at, 4);
          c10 = multiplyAdd(a, b0, c10);
          c11 = multiplyAdd(a, b1, c11);
          a = v128.load_splat<f32>(at, 8);
          c20 = multiplyAdd(a, b0, c20);
          c21 = multiplyAdd(a, b1, c21);
          row += dyStep;
          if (pixel == end3) break;
          at = x0 + <usize>load<u32>(pixel, 12);
          b0 = v128.load(row);
          b1 = v128.load(row, 16);
          a = v128.load_splat<f32>(at);
          c00 = multiplyAdd(a, b0, c00);
          c01 = multiplyAdd(a, b1, c01);
          a = v128.load_splat<f32>(at, 4);
          c10 = multiplyAdd(a, b0, c10);
          c11 = multiplyAdd(a, b1, c11);
          a = v128.load_splat<f32>(at, 8);
          c20 = multiplyAdd(a, b0, c20);
          c21 = multiplyAdd(a, b1, c21);
          row += dyStep;
          pixel += 16;
        } while (pixel < end);
        piece += 4;
      } else {
        const x1 = rows > 1 ? x + <usize>load<u32>(piece, 4) : x0;
        const x2 = rows > 2 ? x + <usize>load<u32>(piece, 8) : x0;
        const x3 = rows > 3 ? x + <usize>load<u32>(piece, 12) : x0;
        do {
          let at = <usize>load<u32>(pixel);
          let b0 = v128.load(row);
          let b1 = v128.load(row, 16);
          let a = v128.load_splat<f32>(x0 + at);
          c00 = multiplyAdd(a, b0, c00);
          c01 = multiplyAdd(a, b1, c01);
          a = v128.load_splat<f32>(x1 + at);
          c10 = multiplyAdd(a, b0, c10);
          c11 = multiplyAdd(a, b1, c11);
          a = v128.load_splat<f32>(x2 + at);
          c20 = multiplyAdd(a, b0, c20);
          c21 = multiplyAdd(a, b1, c21);
          a = v128.load_splat<f32>(x3 + at);
          c30 = multiplyAdd(a, b0, c30);
          c31 = multiplyAdd(a, b1, c31);
          row += dyStep;
          if (pixel == end1) break;
          at = <usize>load<u32>(pixel, 4);
          b0 = v128.load(row);
          b1 = v128.load(row, 16);
          a = v128.load_splat<f32>(x0 + at);
          c00 = multiplyAdd(a, b0, c00);
          c01 = multiplyAdd(a, b1, c01);
          a = v128.load_splat<f32>(x1 + at);
          c10 = multiplyAdd(a, b0, c10);
          c11 = multiplyAdd(a, b1, c11);
          a = v128.load_splat<f32>(x2 + at);
          c20 = multiplyAdd(a, b0, c20);
          c21 = multiplyAdd(a, b1, c21);
          a = v128.load_splat<f32>(x3 + at);
          c30 = multiplyAdd(a, b0, c30);
          c31 = multiplyAdd(a, b1, c31);
          row += dyStep;
          pixel += 8;
        } while (pixel < end);
        piece += 16;
      }
    }
    // Last row first: where rows are missing, their pointers are that of the first row.
    if (columns == 8) {
      if (tileRows == 4) {
        v128.store(dw3, c30);
        v128.store(dw3, c31, 16);
      }
      v128.store(dw2, c20);
      v128.store(dw2, c21, 16);
      v128.store(dw1, c10);
      v128.store(dw1, c11, 16);
      v128.store(dw, c00);
      v128.store(dw, c01, 16);
    } else {
      if (tileRows == 4) storeColumns(dw3, c30, c31, columns);
      storeColumns(dw2, c20, c21, columns);
      storeColumns(dw1, c10, c11, columns);
      storeColumns(dw, c00, c01, columns);
    }
    dw += rowBytes * <usize>tileRows;
    rows -= tileRows;
  } while (++first < last);
}

/** Copies `columns` ≤ 8 floats of each of `count` rows to rows of 8, zeros behind them. */
function packPanel(from: usize, step: usize, to: usize, count: i32, columns: i32): void {
  const end = to + ((<usize>count) << 5);
  const zero = f32x4.splat(0);
  for (; to < end; to += 32, from += step) {
    if (columns == 8) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      continue;
    }
    v128.store(to, zero);
    v128.store(to, zero, 16);
    for (let n: usize = 0; n < <usize>columns; n++) store<f32>(to + (n << 2), load<f32>(from + (n << 2)));
  }
}

import { multiplyAdd } from "../gemm/multiplyAdd";
import { storeRow } from "../gemm/tile";
import { shareEnd, shareStart } from "../partition";
import { KernelRecord } from "../record";

/**
 * dw[k, n] = Σ over the output pixels of patch[k] · dy[n]. Pixels and patches are addressed as in Conv2dRecord; dy is
 * contiguous, `groupPixels` rows of outChannels for each group.
 *
 * The pixels of a group are cut into blocks of at most `blockPixels`, which stay in the L1 cache while the register tiles pass
 * over them. The blocks are shared out to `chunks`, each of which gets a matrix K × outChannels of its own at dw: gemmReduce
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
  outChannels: i32;
  blockPixels: i32;
  chunks: i32;
  slots: i32;
}

/** From so many tiles on that read one panel of dy, laying it out contiguously pays. */
const packedTiles: i32 = 12;

export function conv2dWeightGradient(record: Conv2dWeightGradientRecord, thread: i32, threads: i32): void {
  assert(record.chunks >= 1 && record.slots >= 1 && record.blockPixels >= 1);
  assert((record.scratch & 15) == 0);
  threads = min(threads, record.slots);
  if (thread >= threads) return;
  const K = record.pieceCount * record.pieceLength;
  const tileRows = record.pieceLength == 3 ? 3 : 4;
  const tiles = (K + tileRows - 1) / tileRows;
  const perChunk = tiles * ((record.outChannels + 7) >> 3);
  const first = shareStart(record.chunks * perChunk, 1, thread, threads);
  const last = shareEnd(record.chunks * perChunk, 1, thread, threads);
  const scratch = record.scratch + <usize>thread * ((<usize>record.blockPixels) << 5);
  if (perChunk == 0) return;
  for (let chunk = first / perChunk; chunk * perChunk < last; chunk++) {
    const from = max(first - chunk * perChunk, 0);
    sumChunk(record, chunk, tiles, from, min(last - chunk * perChunk, perChunk), scratch);
  }
}

/** Tiles first … last − 1 of a chunk, counted down the K rows of one panel of 8 channels after another. */
function sumChunk(
  record: Conv2dWeightGradientRecord,
  chunk: i32,
  tiles: i32,
  first: i32,
  last: i32,
  scratch: usize,
): void {
  const groupPixels = record.groupPixels;
  const groupBlocks = max((groupPixels + record.blockPixels - 1) / record.blockPixels, 1);
  const firstBlock = shareStart(record.groups * groupBlocks, 1, chunk, record.chunks);
  const lastBlock = shareEnd(record.groups * groupBlocks, 1, chunk, record.chunks);
  // The sum of nothing has to be stored too.
  if (firstBlock == lastBlock) sumBlock(record, chunk, tiles, first, last, 0, 0, 0, false, scratch);
  for (let block = firstBlock; block < lastBlock; block++) {
    const group = block / groupBlocks;
    const pixel = shareStart(groupPixels, 1, block - group * groupBlocks, groupBlocks);
    const count = shareEnd(groupPixels, 1, block - group * groupBlocks, groupBlocks) - pixel;
    sumBlock(record, chunk, tiles, first, last, group, pixel, count, block > firstBlock, scratch);
  }
}

function sumBlock(
  record: Conv2dWeightGradientRecord,
  chunk: i32,
  tiles: i32,
  first: i32,
  last: i32,
  group: i32,
  pixel: i32,
  count: i32,
  add: bool,
  scratch: usize,
): void {
  for (let panel = first / tiles; panel * tiles < last; panel++) {
    const from = max(first - panel * tiles, 0);
    const to = min(last - panel * tiles, tiles);
    sumPanel(record, chunk, group, panel, from, to, pixel, count, add, scratch);
  }
}

/** Tiles first … last − 1 of one panel over the pixels of one block. */
function sumPanel(
  record: Conv2dWeightGradientRecord,
  chunk: i32,
  group: i32,
  panel: i32,
  first: i32,
  last: i32,
  pixel: i32,
  count: i32,
  add: bool,
  scratch: usize,
): void {
  const pieceLength = record.pieceLength;
  const K = record.pieceCount * pieceLength;
  const outChannels = record.outChannels;
  const channel = panel << 3;
  const columns = min(outChannels - channel, 8);
  const rowBytes = (<usize>outChannels) << 2;
  const x = record.x + ((<usize>group * <usize>record.xGroup) << 2);
  const pixels = record.xPixels + ((<usize>pixel) << 2);
  let dy = record.dy + <usize>(group * record.groupPixels + pixel) * rowBytes + ((<usize>channel) << 2);
  let dyStep = rowBytes;
  if (columns < 8 || (last - first >= packedTiles && outChannels > 8)) {
    packPanel(dy, rowBytes, scratch, count, columns);
    dy = scratch;
    dyStep = 32;
  }
  const tileRows = pieceLength == 3 ? 3 : 4;
  let dw =
    record.dw + (((<usize>chunk * <usize>K + <usize>(first * tileRows)) * <usize>outChannels + <usize>channel) << 2);
  let piece = record.pieces + ((<usize>(pieceLength == 1 ? first << 2 : first)) << 2);
  for (let tile = first; tile < last; tile++, dw += rowBytes * tileRows) {
    const x0 = x + <usize>load<u32>(piece);
    if (pieceLength == 4) {
      tileOf4(x0, pixels, count, dy, dyStep, dw, rowBytes, columns, add);
      piece += 4;
    } else if (pieceLength == 3) {
      tileOf3(x0, pixels, count, dy, dyStep, dw, rowBytes, columns, add);
      piece += 4;
    } else {
      const rows = K - (tile << 2);
      const x1 = rows > 1 ? x + <usize>load<u32>(piece, 4) : x0;
      const x2 = rows > 2 ? x + <usize>load<u32>(piece, 8) : x0;
      const x3 = rows > 3 ? x + <usize>load<u32>(piece, 12) : x0;
      tileOfSingles(x0, x1, x2, x3, pixels, count, dy, dyStep, dw, rowBytes, rows, columns, add);
      piece += 16;
    }
  }
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

/**
 * A register tile of dw: the 4 patch elements from x on by 8 channels, summed over `count` pixels and added to dw if `add`.
 * Columns ≥ `columns` are computed but not stored. The test for the end between two pixels also keeps V8 from loading the
 * operands of both first, for which it has too few registers.
 */
function tileOf4(
  x: usize,
  pixels: usize,
  count: i32,
  dy: usize,
  dyStep: usize,
  dw: usize,
  rowBytes: usize,
  columns: i32,
  add: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  if (count > 0) {
    const end = pixels + ((<usize>count) << 2);
    const end1 = end - 4;
    const end2 = end - 8;
    const end3 = end - 12;
    do {
      let at = <usize>load<u32>(pixels);
      let b0 = v128.load(dy);
      let b1 = v128.load(dy, 16);
      let a = v128.load_splat<f32>(x + at);
      c00 = multiplyAdd(a, b0, c00);
      c01 = multiplyAdd(a, b1, c01);
      a = v128.load_splat<f32>(x + at, 4);
      c10 = multiplyAdd(a, b0, c10);
      c11 = multiplyAdd(a, b1, c11);
      a = v128.load_splat<f32>(x + at, 8);
      c20 = multiplyAdd(a, b0, c20);
      c21 = multiplyAdd(a, b1, c21);
      a = v128.load_splat<f32>(x + at, 12);
      c30 = multiplyAdd(a, b0, c30);
      c31 = multiplyAdd(a, b1, c31);
      dy += dyStep;
      if (pixels == end1) break;
      at = <usize>load<u32>(pixels, 4);
      b0 = v128.load(dy);
      b1 = v128.load(dy, 16);
      a = v128.load_splat<f32>(x + at);
      c00 = multiplyAdd(a, b0, c00);
      c01 = multiplyAdd(a, b1, c01);
      a = v128.load_splat<f32>(x + at, 4);
      c10 = multiplyAdd(a, b0, c10);
      c11 = multiplyAdd(a, b1, c11);
      a = v128.load_splat<f32>(x + at, 8);
      c20 = multiplyAdd(a, b0, c20);
      c21 = multiplyAdd(a, b1, c21);
      a = v128.load_splat<f32>(x + at, 12);
      c30 = multiplyAdd(a, b0, c30);
      c31 = multiplyAdd(a, b1, c31);
      dy += dyStep;
      if (pixels == end2) break;
      at = <usize>load<u32>(pixels, 8);
      b0 = v128.load(dy);
      b1 = v128.load(dy, 16);
      a = v128.load_splat<f32>(x + at);
      c00 = multiplyAdd(a, b0, c00);
      c01 = multiplyAdd(a, b1, c01);
      a = v128.load_splat<f32>(x + at, 4);
      c10 = multiplyAdd(a, b0, c10);
      c11 = multiplyAdd(a, b1, c11);
      a = v128.load_splat<f32>(x + at, 8);
      c20 = multiplyAdd(a, b0, c20);
      c21 = multiplyAdd(a, b1, c21);
      a = v128.load_splat<f32>(x + at, 12);
      c30 = multiplyAdd(a, b0, c30);
      c31 = multiplyAdd(a, b1, c31);
      dy += dyStep;
      if (pixels == end3) break;
      at = <usize>load<u32>(pixels, 12);
      b0 = v128.load(dy);
      b1 = v128.load(dy, 16);
      a = v128.load_splat<f32>(x + at);
      c00 = multiplyAdd(a, b0, c00);
      c01 = multiplyAdd(a, b1, c01);
      a = v128.load_splat<f32>(x + at, 4);
      c10 = multiplyAdd(a, b0, c10);
      c11 = multiplyAdd(a, b1, c11);
      a = v128.load_splat<f32>(x + at, 8);
      c20 = multiplyAdd(a, b0, c20);
      c21 = multiplyAdd(a, b1, c21);
      a = v128.load_splat<f32>(x + at, 12);
      c30 = multiplyAdd(a, b0, c30);
      c31 = multiplyAdd(a, b1, c31);
      dy += dyStep;
      pixels += 16;
    } while (pixels < end);
  }
  const beta: f32 = add ? 1 : 0;
  storeRow(c00, c01, dw, columns, 1, beta, 0, false);
  storeRow(c10, c11, dw + rowBytes, columns, 1, beta, 0, false);
  storeRow(c20, c21, dw + (rowBytes << 1), columns, 1, beta, 0, false);
  storeRow(c30, c31, dw + rowBytes * 3, columns, 1, beta, 0, false);
}

/** The same with 3 patch elements. */
function tileOf3(
  x: usize,
  pixels: usize,
  count: i32,
  dy: usize,
  dyStep: usize,
  dw: usize,
  rowBytes: usize,
  columns: i32,
  add: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  if (count > 0) {
    const end = pixels + ((<usize>count) << 2);
    const end1 = end - 4;
    const end2 = end - 8;
    const end3 = end - 12;
    do {
      let at = <usize>load<u32>(pixels);
      let b0 = v128.load(dy);
      let b1 = v128.load(dy, 16);
      let a = v128.load_splat<f32>(x + at);
      c00 = multiplyAdd(a, b0, c00);
      c01 = multiplyAdd(a, b1, c01);
      a = v128.load_splat<f32>(x + at, 4);
      c10 = multiplyAdd(a, b0, c10);
      c11 = multiplyAdd(a, b1, c11);
      a = v128.load_splat<f32>(x + at, 8);
      c20 = multiplyAdd(a, b0, c20);
      c21 = multiplyAdd(a, b1, c21);
      dy += dyStep;
      if (pixels == end1) break;
      at = <usize>load<u32>(pixels, 4);
      b0 = v128.load(dy);
      b1 = v128.load(dy, 16);
      a = v128.load_splat<f32>(x + at);
      c00 = multiplyAdd(a, b0, c00);
      c01 = multiplyAdd(a, b1, c01);
      a = v128.load_splat<f32>(x + at, 4);
      c10 = multiplyAdd(a, b0, c10);
      c11 = multiplyAdd(a, b1, c11);
      a = v128.load_splat<f32>(x + at, 8);
      c20 = multiplyAdd(a, b0, c20);
      c21 = multiplyAdd(a, b1, c21);
      dy += dyStep;
      if (pixels == end2) break;
      at = <usize>load<u32>(pixels, 8);
      b0 = v128.load(dy);
      b1 = v128.load(dy, 16);
      a = v128.load_splat<f32>(x + at);
      c00 = multiplyAdd(a, b0, c00);
      c01 = multiplyAdd(a, b1, c01);
      a = v128.load_splat<f32>(x + at, 4);
      c10 = multiplyAdd(a, b0, c10);
      c11 = multiplyAdd(a, b1, c11);
      a = v128.load_splat<f32>(x + at, 8);
      c20 = multiplyAdd(a, b0, c20);
      c21 = multiplyAdd(a, b1, c21);
      dy += dyStep;
      if (pixels == end3) break;
      at = <usize>load<u32>(pixels, 12);
      b0 = v128.load(dy);
      b1 = v128.load(dy, 16);
      a = v128.load_splat<f32>(x + at);
      c00 = multiplyAdd(a, b0, c00);
      c01 = multiplyAdd(a, b1, c01);
      a = v128.load_splat<f32>(x + at, 4);
      c10 = multiplyAdd(a, b0, c10);
      c11 = multiplyAdd(a, b1, c11);
      a = v128.load_splat<f32>(x + at, 8);
      c20 = multiplyAdd(a, b0, c20);
      c21 = multiplyAdd(a, b1, c21);
      dy += dyStep;
      pixels += 16;
    } while (pixels < end);
  }
  const beta: f32 = add ? 1 : 0;
  storeRow(c00, c01, dw, columns, 1, beta, 0, false);
  storeRow(c10, c11, dw + rowBytes, columns, 1, beta, 0, false);
  storeRow(c20, c21, dw + (rowBytes << 1), columns, 1, beta, 0, false);
}

/** The same with patch elements that lie anywhere; rows ≥ `rows` are not stored. */
function tileOfSingles(
  x0: usize,
  x1: usize,
  x2: usize,
  x3: usize,
  pixels: usize,
  count: i32,
  dy: usize,
  dyStep: usize,
  dw: usize,
  rowBytes: usize,
  rows: i32,
  columns: i32,
  add: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  if (count > 0) {
    const end = pixels + ((<usize>count) << 2);
    const end1 = end - 4;
    const end2 = end - 8;
    const end3 = end - 12;
    do {
      let at = <usize>load<u32>(pixels);
      let b0 = v128.load(dy);
      let b1 = v128.load(dy, 16);
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
      dy += dyStep;
      if (pixels == end1) break;
      at = <usize>load<u32>(pixels, 4);
      b0 = v128.load(dy);
      b1 = v128.load(dy, 16);
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
      dy += dyStep;
      if (pixels == end2) break;
      at = <usize>load<u32>(pixels, 8);
      b0 = v128.load(dy);
      b1 = v128.load(dy, 16);
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
      dy += dyStep;
      if (pixels == end3) break;
      at = <usize>load<u32>(pixels, 12);
      b0 = v128.load(dy);
      b1 = v128.load(dy, 16);
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
      dy += dyStep;
      pixels += 16;
    } while (pixels < end);
  }
  const beta: f32 = add ? 1 : 0;
  storeRow(c00, c01, dw, columns, 1, beta, 0, false);
  if (rows > 1) storeRow(c10, c11, dw + rowBytes, columns, 1, beta, 0, false);
  if (rows > 2) storeRow(c20, c21, dw + (rowBytes << 1), columns, 1, beta, 0, false);
  if (rows > 3) storeRow(c30, c31, dw + rowBytes * 3, columns, 1, beta, 0, false);
}

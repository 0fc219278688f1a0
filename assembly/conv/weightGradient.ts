import { multiplyAdd } from "../gemm/multiplyAdd";
import { storeRow } from "../gemm/tile";
import { shareEnd, shareStart } from "../partition";
import { KernelRecord } from "../record";

/**
 * dw[k, n] = Σ over the output pixels of patch[k] · dy[n]. The patch of pixel i of an image begins pixels[i] bytes behind
 * the image's first float and consists of runs as in Conv2dRecord; the `imagePixels` rows of dy that belong to an image are
 * contiguous. The table `pixels` covers `blockImages` images, `xImage` floats apart, that are walked as if they were one.
 *
 * The pixels are cut into blocks, which stay in the L1 cache while the register tiles pass over them, and the blocks into
 * `chunks`, each of which gets a matrix K × outChannels of its own at dw: gemmReduce adds them if there are several.
 * `scratch` holds `slots` blocks of blockPixels · 8 floats, one for each thread that works.
 */
@unmanaged
export class Conv2dWeightGradientRecord extends KernelRecord {
  x: usize;
  dy: usize;
  dw: usize;
  segments: usize;
  pixels: usize;
  scratch: usize;
  segmentCount: i32;
  segmentLength: i32;
  batch: i32;
  xImage: i32;
  imagePixels: i32;
  outChannels: i32;
  blockImages: i32;
  blockPixels: i32;
  chunks: i32;
  slots: i32;
}

/** Rows of a register tile: four patch elements by 8 channels. */
const tileRows: i32 = 4;
/** From so many tiles on that read one panel of dy, laying it out contiguously pays. */
const packedTiles: i32 = 12;

export function conv2dWeightGradient(record: Conv2dWeightGradientRecord, thread: i32, threads: i32): void {
  assert(record.chunks >= 1 && record.slots >= 1 && record.blockImages >= 1 && record.blockPixels >= 1);
  assert((record.scratch & 15) == 0);
  threads = min(threads, record.slots);
  if (thread >= threads) return;
  const K = record.segmentCount * record.segmentLength;
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
  const imagePixels = record.imagePixels;
  const blockImages = record.blockImages;
  const groups = (record.batch + blockImages - 1) / blockImages;
  const groupBlocks = max((imagePixels * blockImages + record.blockPixels - 1) / record.blockPixels, 1);
  const firstBlock = shareStart(groups * groupBlocks, 1, chunk, record.chunks);
  const lastBlock = shareEnd(groups * groupBlocks, 1, chunk, record.chunks);
  let block = firstBlock;
  // Once even if there is no block: the sum of nothing has to be stored.
  do {
    const group = block / groupBlocks;
    const image = group * blockImages;
    const groupPixels = max(min(blockImages, record.batch - image), 0) * imagePixels;
    const firstPixel = shareStart(groupPixels, 1, block - group * groupBlocks, groupBlocks);
    const lastPixel = shareEnd(groupPixels, 1, block - group * groupBlocks, groupBlocks);
    for (let panel = first / tiles; panel * tiles < last; panel++) {
      const from = max(first - panel * tiles, 0);
      const to = min(last - panel * tiles, tiles);
      sumPanel(record, chunk, image, panel, from, to, firstPixel, lastPixel - firstPixel, block > firstBlock, scratch);
    }
  } while (++block < lastBlock);
}

/** Tiles first … last − 1 of one panel over the pixels of one block. */
function sumPanel(
  record: Conv2dWeightGradientRecord,
  chunk: i32,
  image: i32,
  panel: i32,
  first: i32,
  last: i32,
  firstPixel: i32,
  count: i32,
  add: bool,
  scratch: usize,
): void {
  const K = record.segmentCount * record.segmentLength;
  const segments = record.segments;
  const segmentLength = record.segmentLength;
  const outChannels = record.outChannels;
  const channel = panel << 3;
  const columns = min(outChannels - channel, 8);
  const rowBytes = (<usize>outChannels) << 2;
  const x = record.x + ((<usize>image * <usize>record.xImage) << 2);
  const pixels = record.pixels + ((<usize>firstPixel) << 2);
  let dy = record.dy + <usize>(image * record.imagePixels + firstPixel) * rowBytes + ((<usize>channel) << 2);
  let dyStep = rowBytes;
  if (columns < 8 || (last - first >= packedTiles && outChannels > 8)) {
    packPanel(dy, rowBytes, scratch, count, columns);
    dy = scratch;
    dyStep = 32;
  }
  let dw =
    record.dw + (((<usize>chunk * <usize>K + <usize>(first * tileRows)) * <usize>outChannels + <usize>channel) << 2);
  const lastK = min(last * tileRows, K);
  for (let k = first * tileRows; k < lastK; k += tileRows, dw += rowBytes * tileRows) {
    const rows = lastK - k;
    const x0 = x + patchOffset(segments, segmentLength, k);
    const x1 = rows > 1 ? x + patchOffset(segments, segmentLength, k + 1) : x0;
    const x2 = rows > 2 ? x + patchOffset(segments, segmentLength, k + 2) : x0;
    const x3 = rows > 3 ? x + patchOffset(segments, segmentLength, k + 3) : x0;
    sumTile(x0, x1, x2, x3, pixels, count, dy, dyStep, dw, rowBytes, rows, columns, add);
  }
}

/** Bytes from the start of a patch to its element k. */
// @ts-ignore: decorator
@inline
function patchOffset(segments: usize, segmentLength: i32, k: i32): usize {
  const segment = k / segmentLength;
  return (<usize>(load<i32>(segments + ((<usize>segment) << 2)) + k - segment * segmentLength)) << 2;
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
 * A register tile of dw: 4 patch elements, those at x0 … x3, by 8 channels, summed over `count` pixels and added to dw if
 * `add`. Rows ≥ `rows` and columns ≥ `columns` are computed but not stored.
 */
function sumTile(
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
  for (const end = pixels + ((<usize>count) << 2); pixels < end; pixels += 4, dy += dyStep) {
    const at = <usize>load<u32>(pixels);
    const b0 = v128.load(dy);
    const b1 = v128.load(dy, 16);
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
  }
  const beta: f32 = add ? 1 : 0;
  storeRow(c00, c01, dw, columns, 1, beta, 0, false);
  if (rows > 1) storeRow(c10, c11, dw + rowBytes, columns, 1, beta, 0, false);
  if (rows > 2) storeRow(c20, c21, dw + (rowBytes << 1), columns, 1, beta, 0, false);
  if (rows > 3) storeRow(c30, c31, dw + rowBytes * 3, columns, 1, beta, 0, false);
}

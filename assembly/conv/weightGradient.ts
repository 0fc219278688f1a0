import { NR } from "../gemm/params";
import { partsOf, shareEnd, shareStart } from "../partition";
import { isAligned } from "../record";
import { longPiece, shortPiece } from "./forward";
import { touch } from "./touch";
import { Conv2dWeightGradientRecord, sumPanel } from "./weightGradientPanel";

export { Conv2dWeightGradientRecord };

export function conv2dWeightGradient(record: Conv2dWeightGradientRecord, thread: i32, threads: i32): void {
  assert(record.chunks >= 1 && record.slots >= 1 && record.blockPixels >= 1);
  assert(isAligned(record.scratch));
  threads = min(threads, record.slots);
  if (thread >= threads) return;
  const K = record.pieceCount * record.pieceLength;
  const tileRows = record.pieceLength == shortPiece ? shortPiece : longPiece;
  const tiles = partsOf(K, tileRows);
  const perChunk = tiles * record.channelGroups * partsOf(record.outChannels, NR);
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
  const groupBlocks = max(partsOf(groupPixels, record.blockPixels), 1);
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

/** Everything that the tiles of a block read. */
function touchBlock(record: Conv2dWeightGradientRecord, group: i32, pixel: i32, count: i32): void {
  const rowBytes = (<usize>(record.channelGroups * record.outChannels)) << 2;
  const dy = record.dy + <usize>(group * record.groupPixels + pixel) * rowBytes;
  touch(dy, dy + <usize>count * rowBytes);
  const firstPixel = record.xPixels + ((<usize>pixel) << 2);
  const lastPixel = firstPixel + ((<usize>(count - 1)) << 2);
  const lastPiece = record.pieces + ((<usize>(record.pieceCount - 1)) << 2);
  const x = record.x + ((<usize>group * <usize>record.xGroup) << 2);
  const from = x + <usize>load<u32>(firstPixel) + <usize>load<u32>(record.pieces);
  touch(from, x + <usize>load<u32>(lastPixel) + <usize>load<u32>(lastPiece));
}

/** Tiles first … last − 1 of a chunk over the pixels of one block. */
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
  if (count > 0) touchBlock(record, group, pixel, count);
  for (let panel = first / tiles; panel * tiles < last; panel++) {
    const from = max(first - panel * tiles, 0);
    const to = min(last - panel * tiles, tiles);
    sumPanel(record, chunk, group, panel, from, to, pixel, count, add, scratch);
  }
}

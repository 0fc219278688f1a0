import { shareEnd, shareStart } from "../partition";
import { multiplyAdd } from "../gemm/multiplyAdd";
import { storeRow } from "../gemm/tile";
import { KernelRecord } from "../record";

/**
 * y[b, i, j, n] = Σ_k patch(b, i, j)[k] · w[k, n] + bias[n], then ReLU if asked for: a GEMM whose left operand is read where
 * it lies. The patch of an output pixel begins at x + b·xImage + i·xRow + j·xColumn and is a list of runs of
 * `segmentLength` consecutive floats, whose offsets from there (in floats) are in the table `segments`.
 * `packed` holds panels of 8 columns of w, of K = segmentCount · segmentLength rows each. K may be 0. bias may be null.
 */
@unmanaged
export class Conv2dRecord extends KernelRecord {
  x: usize;
  packed: usize;
  bias: usize;
  y: usize;
  segments: usize;
  segmentCount: i32;
  segmentLength: i32;
  batch: i32;
  outHeight: i32;
  outWidth: i32;
  outChannels: i32;
  xImage: i32;
  xRow: i32;
  xColumn: i32;
  yImage: i32;
  yRow: i32;
  yColumn: i32;
  relu: bool;
}

/** Panels that are used on one tile after another together take at most this much of the L1 cache. */
const panelGroupBytes = 20480;

export function conv2d(record: Conv2dRecord, thread: i32, threads: i32): void {
  assert(((record.packed | record.y | record.x | record.segments) & 3) == 0);
  assert(record.segmentCount >= 0 && record.segmentLength >= 0);
  const pixels = record.batch * record.outHeight * record.outWidth;
  const panels = (record.outChannels + 7) >> 3;
  const tiles = (pixels + 3) >> 2;
  const K = record.segmentCount * record.segmentLength;
  // Threads share the pixels, so that each reads its part of x only; few pixels have many channels: then the panels.
  const sharePanels = tiles < threads << 3 && panels > 1;
  const firstTile = sharePanels ? 0 : shareStart(tiles, 1, thread, threads);
  const lastTile = sharePanels ? tiles : shareEnd(tiles, 1, thread, threads);
  const firstPanel = sharePanels ? shareStart(panels, 1, thread, threads) : 0;
  const lastPanel = sharePanels ? shareEnd(panels, 1, thread, threads) : panels;
  const group = max(1, panelGroupBytes / max(1, K << 5));
  // x of one block of tiles stays in the L2 cache while group after group of panels passes over it.
  const blockTiles = max(16, 32768 / max(1, record.xColumn));
  for (let tile = firstTile; tile < lastTile; tile += blockTiles) {
    const endTile = min(tile + blockTiles, lastTile);
    for (let panel = firstPanel; panel < lastPanel; panel += group) {
      convTiles(record, tile << 2, min(endTile << 2, pixels), panel, min(panel + group, lastPanel));
    }
  }
}

/** Output pixels `pixel … lastPixel − 1` for some panels; where they lie is counted up from pixel to pixel. */
function convTiles(record: Conv2dRecord, pixel: i32, lastPixel: i32, firstPanel: i32, lastPanel: i32): void {
  const outWidth = record.outWidth;
  const outHeight = record.outHeight;
  const xColumn = (<usize>record.xColumn) << 2;
  const yColumn = (<usize>record.yColumn) << 2;
  const xRow = (<usize>record.xRow) << 2;
  const yRow = (<usize>record.yRow) << 2;
  // What to add at the end of a row, and further at the end of an image.
  const xNextRow = xRow - <usize>outWidth * xColumn;
  const yNextRow = yRow - <usize>outWidth * yColumn;
  const xNextImage = ((<usize>record.xImage) << 2) - <usize>outHeight * xRow;
  const yNextImage = ((<usize>record.yImage) << 2) - <usize>outHeight * yRow;
  const panelBytes = (<usize>(record.segmentCount * record.segmentLength)) << 5;
  const outChannels = record.outChannels;
  let row = pixel / outWidth;
  let column = pixel - row * outWidth;
  const image = row / outHeight;
  row -= image * outHeight;
  let x = record.x + ((<usize>(image * record.xImage + row * record.xRow + column * record.xColumn)) << 2);
  let y = record.y + ((<usize>(image * record.yImage + row * record.yRow + column * record.yColumn)) << 2);
  for (; pixel < lastPixel; pixel += 4) {
    let x0 = x,
      x1 = x,
      x2 = x,
      x3 = x;
    let y0 = y,
      y1 = y,
      y2 = y,
      y3 = y;
    const rows = min(4, lastPixel - pixel);
    for (let r = 0; r < rows; r++) {
      if (r == 0) {
        x0 = x1 = x2 = x3 = x;
        y0 = y1 = y2 = y3 = y;
      } else if (r == 1) {
        x1 = x;
        y1 = y;
      } else if (r == 2) {
        x2 = x;
        y2 = y;
      } else {
        x3 = x;
        y3 = y;
      }
      x += xColumn;
      y += yColumn;
      if (++column == outWidth) {
        column = 0;
        x += xNextRow;
        y += yNextRow;
        if (++row == outHeight) {
          row = 0;
          x += xNextImage;
          y += yNextImage;
        }
      }
    }
    let packed = record.packed + <usize>firstPanel * panelBytes;
    for (let panel = firstPanel; panel < lastPanel; panel++) {
      convTile(record, x0, x1, x2, x3, packed, y0, y1, y2, y3, panel << 3, rows);
      packed += panelBytes;
    }
  }
}

function convTile(
  record: Conv2dRecord,
  x0: usize,
  x1: usize,
  x2: usize,
  x3: usize,
  b: usize,
  y0: usize,
  y1: usize,
  y2: usize,
  y3: usize,
  channel: i32,
  rows: i32,
): void {
  let c00 = f32x4.splat(0);
  let c01 = c00,
    c10 = c00,
    c11 = c00,
    c20 = c00,
    c21 = c00,
    c30 = c00,
    c31 = c00;
  let segment = record.segments;
  const lastSegment = segment + ((<usize>record.segmentCount) << 2);
  const bytes = (<usize>record.segmentLength) << 2;
  for (; segment < lastSegment; segment += 4) {
    const offset = load<i32>(segment) << 2;
    let p0 = x0 + offset;
    let p1 = x1 + offset;
    let p2 = x2 + offset;
    let p3 = x3 + offset;
    const end = p0 + bytes;
    do {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
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
      b += 32;
      p0 += 4;
      p1 += 4;
      p2 += 4;
      p3 += 4;
    } while (p0 < end);
  }
  const columns = record.outChannels - channel;
  const bias: usize = record.bias == 0 ? 0 : record.bias + ((<usize>channel) << 2);
  const relu = record.relu;
  const offset = (<usize>channel) << 2;
  storeRow(c00, c01, y0 + offset, min(8, columns), 1, 0, bias, relu);
  if (rows > 1) storeRow(c10, c11, y1 + offset, min(8, columns), 1, 0, bias, relu);
  if (rows > 2) storeRow(c20, c21, y2 + offset, min(8, columns), 1, 0, bias, relu);
  if (rows > 3) storeRow(c30, c31, y3 + offset, min(8, columns), 1, 0, bias, relu);
}

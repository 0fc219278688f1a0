import { partsOf, shareEnd, shareStart } from "../partition";
import { KernelRecord } from "../record";
import { copyRun, fillRun } from "./runs";
import { transposeElements, transposeWords } from "./transpose";

/**
 * Copies elements of 1 << `shift` bytes (1, 2 or 4) from where one set of strides has them to where another does. `axes` is a
 * table of int32: for each of `axisCount` ≥ 2 axes its length, its stride in x and its stride in y, in elements; strides may be 0 in
 * x, and negative. The last two axes, rows and columns, are a plane, which is copied in blocks of `blockRows` × `blockColumns`.
 * Where the rows run along x and the columns along y, a block is transposed. With `scratch`, which has `slots` times
 * `STRIDED_COPY_SLOT` bytes, it is put together there first and then written in whole lines of the cache: what is needed where rows
 * of y meet in the same sets of it.
 */
@unmanaged
export class StridedCopyRecord extends KernelRecord {
  x: usize;
  y: usize;
  axes: usize;
  axisCount: i32;
  blockRows: i32;
  blockColumns: i32;
  shift: u32;
  scratch: usize;
  slots: i32;
}

/** Rows and columns of a block that is put together in scratch memory. */
// @ts-ignore: decorator
@shared
export const STRIDED_COPY_TILE: i32 = 64;
/** Its bytes: rows are a vector longer, so that they do not meet in the same sets of the cache. */
// @ts-ignore: decorator
@shared
export const STRIDED_COPY_SLOT: i32 = 17408;

const tilePitch: usize = 272;

export function stridedCopy(record: StridedCopyRecord, thread: i32, threads: i32): void {
  const shift = <usize>record.shift;
  assert(shift <= 2 && ((record.x | record.y) & ((1 << shift) - 1)) == 0);
  assert(record.axisCount >= 2 && record.blockRows >= 1 && record.blockColumns >= 1);
  assert(record.scratch == 0 || (record.blockRows <= STRIDED_COPY_TILE && record.blockColumns <= STRIDED_COPY_TILE));
  if (record.scratch != 0) threads = min(threads, record.slots);
  if (thread >= threads) return;
  const scratch: usize = record.scratch != 0 ? record.scratch + <usize>(thread * STRIDED_COPY_SLOT) : 0;
  const blockRows = record.blockRows;
  const blockColumns = record.blockColumns;

  const plane = record.axes + <usize>((record.axisCount - 2) * 12);
  const rows = load<i32>(plane);
  const rowX = load<usize>(plane, 4) << shift;
  const rowY = load<usize>(plane, 8) << shift;
  const columns = load<i32>(plane, 12);
  const columnX = load<usize>(plane, 16) << shift;
  const columnY = load<usize>(plane, 20) << shift;
  const rowBlocks = partsOf(rows, blockRows);
  const columnBlocks = partsOf(columns, blockColumns);
  let blocks = rowBlocks * columnBlocks;
  for (let axis = record.axes; axis < plane; axis += 12) blocks *= load<i32>(axis);

  const end = shareEnd(blocks, 1, thread, threads);
  for (let block = shareStart(blocks, 1, thread, threads); block < end; block++) {
    let outer = block / columnBlocks;
    const column = (block - outer * columnBlocks) * blockColumns;
    let rest = outer / rowBlocks;
    const row = (outer - rest * rowBlocks) * blockRows;
    let x = record.x + <usize>row * rowX + <usize>column * columnX;
    let y = record.y + <usize>row * rowY + <usize>column * columnY;
    for (let axis = plane - 12; axis >= record.axes; axis -= 12) {
      const length = load<i32>(axis);
      outer = rest / length;
      const position = <usize>(rest - outer * length);
      x += (position * load<usize>(axis, 4)) << shift;
      y += (position * load<usize>(axis, 8)) << shift;
      rest = outer;
    }
    const height = min(blockRows, rows - row);
    const width = min(blockColumns, columns - column);
    if (columnY == (<usize>1) << shift && columnX == columnY) {
      const bytes = (<usize>width) << shift;
      for (let i = 0; i < height; i++, x += rowX, y += rowY) copyRun(y, x, bytes);
    } else if (columnY == (<usize>1) << shift && columnX == 0) {
      const bytes = (<usize>width) << shift;
      for (let i = 0; i < height; i++, x += rowX, y += rowY) fillRun(y, x, bytes, shift);
    } else if (columnY == (<usize>1) << shift && rowX == columnY) {
      if (scratch == 0) transpose(shift, x, columnX, y, rowY, height, width);
      else {
        transpose(shift, x, columnX, scratch, tilePitch, height, width);
        const bytes = (<usize>width) << shift;
        let from = scratch;
        for (let i = 0; i < height; i++, from += tilePitch, y += rowY) copyRun(y, from, bytes);
      }
    } else if (shift == 2) copyElements<u32>(x, rowX, columnX, y, rowY, columnY, height, width);
    else if (shift == 1) copyElements<u16>(x, rowX, columnX, y, rowY, columnY, height, width);
    else copyElements<u8>(x, rowX, columnX, y, rowY, columnY, height, width);
  }
}

function transpose(shift: usize, x: usize, pitchX: usize, y: usize, pitchY: usize, rows: i32, columns: i32): void {
  if (shift == 2) transposeWords(x, pitchX, y, pitchY, rows, columns);
  else if (shift == 1) transposeElements<u16>(x, pitchX, y, pitchY, rows, columns);
  else transposeElements<u8>(x, pitchX, y, pitchY, rows, columns);
}

// @ts-ignore: decorator
@inline
function copyElements<T>(
  x: usize,
  rowX: usize,
  columnX: usize,
  y: usize,
  rowY: usize,
  columnY: usize,
  rows: i32,
  columns: i32,
): void {
  for (let row = 0; row < rows; row++, x += rowX, y += rowY) {
    let from = x;
    let to = y;
    let column = 0;
    for (; column + 4 <= columns; column += 4) {
      store<T>(to, load<T>(from));
      store<T>(to + columnY, load<T>(from + columnX));
      store<T>(to + 2 * columnY, load<T>(from + 2 * columnX));
      store<T>(to + 3 * columnY, load<T>(from + 3 * columnX));
      from += columnX << 2;
      to += columnY << 2;
    }
    for (; column < columns; column++, from += columnX, to += columnY) store<T>(to, load<T>(from));
  }
}

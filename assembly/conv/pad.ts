import { shareEnd, shareStart } from "../partition";
import { KernelRecord } from "../record";

/**
 * y (batch, paddedHeight, paddedWidth, channels) = x (batch, height, width, channels) at row `top` and column `left` of
 * zeros. Rows and columns of x that lie beyond the padded size are left out.
 */
@unmanaged
export class ConvPadRecord extends KernelRecord {
  x: usize;
  y: usize;
  batch: i32;
  height: i32;
  width: i32;
  channels: i32;
  top: i32;
  left: i32;
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
  assert(top >= 0 && left >= 0 && top <= paddedHeight && left <= record.paddedWidth);
  const rows = record.batch * paddedHeight;
  const inner = min(record.width, record.paddedWidth - left);
  const filledRows = min(record.height, paddedHeight - top);
  const leftBytes = <usize>left * pixelBytes;
  const innerBytes = <usize>inner * pixelBytes;
  const rightBytes = <usize>(record.paddedWidth - left - inner) * pixelBytes;
  const rowBytes = leftBytes + innerBytes + rightBytes;
  const sourceRowBytes = <usize>record.width * pixelBytes;
  const end = shareEnd(rows, 1, thread, threads);
  let row = shareStart(rows, 1, thread, threads);
  let y = record.y + <usize>row * rowBytes;
  for (; row < end; row++) {
    const image = row / paddedHeight;
    const sourceRow = row - image * paddedHeight - top;
    if (sourceRow < 0 || sourceRow >= filledRows) {
      y = clearFloats(y, rowBytes);
      continue;
    }
    y = clearFloats(y, leftBytes);
    y = copyFloats(y, record.x + <usize>(image * record.height + sourceRow) * sourceRowBytes, innerBytes);
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

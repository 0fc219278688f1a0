import { shareEnd, shareStart } from "../partition";
import { KernelRecord } from "../record";

/**
 * y [batch, outHeight, outWidth, channels] = the maximum over each window of x [batch, height, width, channels].
 * Padding counts as −∞. NaN wins, as in PyTorch. With `relu`, y = max(that, 0), which equals pooling max(x, 0).
 * `winner` holds for each output the index row · kernelWidth + column of the maximum within its window (of equal ones the
 * first), or −1 where `relu` cut it off: int32, all that backward needs.
 */
@unmanaged
export class MaxPool2dRecord extends KernelRecord {
  x: usize;
  y: usize;
  winner: usize;
  batch: i32;
  height: i32;
  width: i32;
  channels: i32;
  outHeight: i32;
  outWidth: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  paddingHeight: i32;
  paddingWidth: i32;
  relu: bool;
}

export function maxPool2d(record: MaxPool2dRecord, thread: i32, threads: i32): void {
  assert(record.paddingHeight < record.kernelHeight && record.paddingWidth < record.kernelWidth);
  const rows = record.batch * record.outHeight;
  const end = shareEnd(rows, 1, thread, threads);
  for (let row = shareStart(rows, 1, thread, threads); row < end; row++) {
    const image = row / record.outHeight;
    const top = (row - image * record.outHeight) * record.strideHeight - record.paddingHeight;
    for (let column = 0; column < record.outWidth; column++) {
      const left = column * record.strideWidth - record.paddingWidth;
      const at = (<usize>(row * record.outWidth + column) * <usize>record.channels) << 2;
      poolWindow(record, image, top, left, record.y + at, record.winner + at);
    }
  }
}

/** One output pixel, all channels. `top` and `left` may be outside the image, where the window then has no elements. */
function poolWindow(record: MaxPool2dRecord, image: i32, top: i32, left: i32, y: usize, winner: usize): void {
  const channels = record.channels;
  const pixel = (<usize>channels) << 2;
  const rowBytes = <usize>record.width * pixel;
  const firstRow = max(-top, 0);
  const lastRow = min(record.kernelHeight, record.height - top);
  const firstColumn = max(-left, 0);
  const lastColumn = min(record.kernelWidth, record.width - left);
  const corner =
    record.x + <usize>(image * record.height + top + firstRow) * rowBytes + <usize>(left + firstColumn) * pixel;
  const first = firstRow * record.kernelWidth + firstColumn;
  let c = 0;
  for (; c + 4 <= channels; c += 4) {
    let best = f32x4.splat(-Infinity);
    let code = i32x4.splat(first);
    let line = corner + ((<usize>c) << 2);
    for (let i = firstRow; i < lastRow; i++, line += rowBytes) {
      let from = line;
      for (let j = firstColumn; j < lastColumn; j++, from += pixel) {
        const value = v128.load(from);
        const wins = v128.or(f32x4.gt(value, best), f32x4.ne(value, value));
        best = v128.bitselect(value, best, wins);
        code = v128.bitselect(i32x4.splat(i * record.kernelWidth + j), code, wins);
      }
    }
    if (record.relu) {
      code = v128.or(code, f32x4.le(best, f32x4.splat(0)));
      best = f32x4.pmax(best, f32x4.splat(0));
    }
    v128.store(y + ((<usize>c) << 2), best);
    v128.store(winner + ((<usize>c) << 2), code);
  }
  for (; c < channels; c++) {
    let best: f32 = -Infinity;
    let code = first;
    let line = corner + ((<usize>c) << 2);
    for (let i = firstRow; i < lastRow; i++, line += rowBytes) {
      let from = line;
      for (let j = firstColumn; j < lastColumn; j++, from += pixel) {
        const value = load<f32>(from);
        if (value > best || value != value) {
          best = value;
          code = i * record.kernelWidth + j;
        }
      }
    }
    if (record.relu && best <= 0) {
      code = -1;
      best = 0;
    }
    store<f32>(y + ((<usize>c) << 2), best);
    store<i32>(winner + ((<usize>c) << 2), code);
  }
}

/** dx = dy where an element of x won a window (summed over the windows it won), else 0. Geometry as in the forward. */
@unmanaged
export class MaxPool2dBackwardRecord extends KernelRecord {
  dy: usize;
  winner: usize;
  dx: usize;
  batch: i32;
  height: i32;
  width: i32;
  channels: i32;
  outHeight: i32;
  outWidth: i32;
  kernelWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  paddingHeight: i32;
  paddingWidth: i32;
}

/** Images are divided among threads, for windows of one image may overlap. */
export function maxPool2dBackward(record: MaxPool2dBackwardRecord, thread: i32, threads: i32): void {
  const channels = record.channels;
  const imageBytes = (<usize>record.height * <usize>record.width * <usize>channels) << 2;
  const end = shareEnd(record.batch, 1, thread, threads);
  for (let image = shareStart(record.batch, 1, thread, threads); image < end; image++) {
    const dx = record.dx + <usize>image * imageBytes;
    memory.fill(dx, 0, imageBytes);
    let at = (<usize>(image * record.outHeight * record.outWidth) * <usize>channels) << 2;
    for (let row = 0; row < record.outHeight; row++) {
      const top = row * record.strideHeight - record.paddingHeight;
      for (let column = 0; column < record.outWidth; column++) {
        const left = column * record.strideWidth - record.paddingWidth;
        for (let c = 0; c < channels; c++, at += 4) {
          const code = load<i32>(record.winner + at);
          if (code < 0) continue;
          const i = code / record.kernelWidth;
          const pixel = (top + i) * record.width + left + code - i * record.kernelWidth;
          const target = dx + ((<usize>pixel * <usize>channels + <usize>c) << 2);
          store<f32>(target, load<f32>(target) + load<f32>(record.dy + at));
        }
      }
    }
  }
}

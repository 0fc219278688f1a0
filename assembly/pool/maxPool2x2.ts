import { shareEnd, shareStart } from "../partition";
import { KernelRecord } from "../record";

/**
 * Max pooling of 2×2 windows with stride 2 and no padding, for channels in multiples of 4: the common case of
 * `maxPool2d` at the speed of memory. An odd last row or column is left out. `winner` holds one byte an output: 0 … 3 for
 * the place of the maximum in its window, row by row, or 255 where `relu` cut it off.
 */
@unmanaged
export class MaxPool2x2Record extends KernelRecord {
  x: usize;
  y: usize;
  winner: usize;
  batch: i32;
  height: i32;
  width: i32;
  channels: i32;
  relu: bool;
}

export function maxPool2x2(record: MaxPool2x2Record, thread: i32, threads: i32): void {
  assert(((record.x | record.y) & 15) == 0 && (record.winner & 3) == 0);
  assert((record.channels & 3) == 0);
  const outHeight = record.height >> 1;
  const outWidth = record.width >> 1;
  const pixel = (<usize>record.channels) << 2;
  const line = <usize>record.width * pixel;
  const rows = record.batch * outHeight;
  const end = shareEnd(rows, 1, thread, threads);
  const relu = record.relu;
  const zero = f32x4.splat(0);
  for (let row = shareStart(rows, 1, thread, threads); row < end; row++) {
    const image = row / outHeight;
    let x = record.x + <usize>(image * record.height + 2 * (row - image * outHeight)) * line;
    let y = record.y + <usize>(row * outWidth) * pixel;
    let winner = record.winner + ((<usize>(row * outWidth) * pixel) >> 2);
    for (let column = 0; column < outWidth; column++) {
      for (const last = x + pixel; x < last; x += 16, y += 16, winner += 4) {
        const a = v128.load(x);
        const b = v128.load(x + pixel);
        const c = v128.load(x + line);
        const d = v128.load(x + line + pixel);
        // NaN wins over numbers; of equals the first wins.
        const bWins = v128.or(f32x4.gt(b, a), f32x4.ne(b, b));
        const dWins = v128.or(f32x4.gt(d, c), f32x4.ne(d, d));
        const upper = v128.bitselect(b, a, bWins);
        const lower = v128.bitselect(d, c, dWins);
        const lowerWins = v128.or(f32x4.gt(lower, upper), f32x4.ne(lower, lower));
        let best = v128.bitselect(lower, upper, lowerWins);
        // Masks are −1 where true: code = 2·lowerWins + (lowerWins ? dWins : bWins).
        let code = i32x4.sub(zero, i32x4.add(i32x4.add(lowerWins, lowerWins), v128.bitselect(dWins, bWins, lowerWins)));
        if (relu) {
          code = v128.or(code, i32x4.shr_u(f32x4.le(best, zero), 24));
          best = f32x4.pmax(best, zero);
        }
        v128.store(y, best);
        const words = i16x8.narrow_i32x4_u(code, code);
        v128.store32_lane(winner, i8x16.narrow_i16x8_u(words, words), 0);
      }
      x += pixel;
    }
  }
}

/** dx = dy at the place of each maximum, else 0; an odd last row or column gets 0. */
@unmanaged
export class MaxPool2x2BackwardRecord extends KernelRecord {
  dy: usize;
  winner: usize;
  dx: usize;
  batch: i32;
  height: i32;
  width: i32;
  channels: i32;
}

export function maxPool2x2Backward(record: MaxPool2x2BackwardRecord, thread: i32, threads: i32): void {
  assert(((record.dy | record.dx) & 15) == 0 && (record.winner & 3) == 0);
  assert((record.channels & 3) == 0);
  const outHeight = record.height >> 1;
  const outWidth = record.width >> 1;
  const pixel = (<usize>record.channels) << 2;
  const line = <usize>record.width * pixel;
  // A unit of work is one row of windows; the last of an image also clears the odd last row.
  const rows = record.batch * outHeight;
  const end = shareEnd(rows, 1, thread, threads);
  for (let row = shareStart(rows, 1, thread, threads); row < end; row++) {
    const image = row / outHeight;
    const inImage = row - image * outHeight;
    const start = record.dx + <usize>(image * record.height + 2 * inImage) * line;
    let dx = start;
    let dy = record.dy + <usize>(row * outWidth) * pixel;
    let winner = record.winner + ((<usize>(row * outWidth) * pixel) >> 2);
    for (let column = 0; column < outWidth; column++) {
      for (const last = dx + pixel; dx < last; dx += 16, dy += 16, winner += 4) {
        const gradient = v128.load(dy);
        const code = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(winner)));
        v128.store(dx, v128.and(gradient, i32x4.eq(code, i32x4.splat(0))));
        v128.store(dx + pixel, v128.and(gradient, i32x4.eq(code, i32x4.splat(1))));
        v128.store(dx + line, v128.and(gradient, i32x4.eq(code, i32x4.splat(2))));
        v128.store(dx + line + pixel, v128.and(gradient, i32x4.eq(code, i32x4.splat(3))));
      }
      dx += pixel;
    }
    if (record.width & 1) {
      memory.fill(start + line - pixel, 0, pixel);
      memory.fill(start + 2 * line - pixel, 0, pixel);
    }
    if ((record.height & 1) != 0 && inImage == outHeight - 1) memory.fill(start + 2 * line, 0, line);
  }
}

import { loadPartial, storePartial } from "../math/lanes";
import { shareEnd, shareStart, wholeUnits } from "../partition";
import { isAligned } from "../record";
import { isPairwise, noWinner, PoolRecord, storeAsBytes, wins } from "./window";

/**
 * y = the largest value of each window, NaN if it holds one; then max(y, 0) if `relu`. `winners`, unless 0, gets one byte
 * for each output: row·kernelWidth + column, within the window, of the first largest value (of the last NaN, as in
 * PyTorch); 255 where `relu` makes y 0 and the gradient goes nowhere.
 */
@unmanaged
export class MaxPoolRecord extends PoolRecord {
  x: usize;
  y: usize;
  winners: usize;
  relu: bool;
}

export function maxPool(record: MaxPoolRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.x | record.y));
  assert(record.kernelHeight * record.kernelWidth <= noWinner);
  assert(record.paddingHeight * 2 <= record.kernelHeight && record.paddingWidth * 2 <= record.kernelWidth);
  const rows = record.batch * record.outHeight;
  const last = shareEnd(rows, 1, thread, threads);
  const pairwise = isPairwise(record);
  for (let row = shareStart(rows, 1, thread, threads); row < last; row++) {
    if (pairwise) poolRowOfPairs(record, row);
    else poolRow(record, row);
  }
}

/** Row `row` of the outputs of the whole batch. */
function poolRow(record: MaxPoolRecord, row: i32): void {
  const channels = record.channels;
  const image = row / record.outHeight;
  const top = (row - image * record.outHeight) * record.strideHeight - record.paddingHeight;
  const firstY = max(0, -top);
  const lastY = min(record.kernelHeight, record.height - top);
  for (let ox = 0; ox < record.outWidth; ox++) {
    const leftmost = ox * record.strideWidth - record.paddingWidth;
    const firstX = max(0, -leftmost);
    const lastX = min(record.kernelWidth, record.width - leftmost);
    const corner = (image * record.height + top + firstY) * record.width + leftmost + firstX;
    const output = <usize>(row * record.outWidth + ox) * <usize>channels;
    const x = record.x + ((<usize>corner * <usize>channels) << 2);
    const firstCode = firstY * record.kernelWidth + firstX;
    let c = 0;
    for (; c + 8 <= channels; c += 8) {
      poolWindow8(record, x + ((<usize>c) << 2), output + c, lastY - firstY, lastX - firstX, firstCode);
    }
    for (; c < channels; c += 4) {
      const lanes = min(4, channels - c);
      poolWindow(record, x + ((<usize>c) << 2), output + c, lanes, lastY - firstY, lastX - firstX, firstCode);
    }
  }
}

/**
 * 8 channels of one window of `rows` × `columns` existing positions, of which the first is at x and has the code
 * `firstCode`.
 */
function poolWindow8(record: MaxPoolRecord, x: usize, output: usize, rows: i32, columns: i32, firstCode: i32): void {
  const pixelBytes = (<usize>record.channels) << 2;
  const rowBytes = <usize>record.width * pixelBytes;
  let low = v128.load(x);
  let high = v128.load(x, 16);
  let code = i32x4.splat(firstCode);
  let lowWinner = code;
  let highWinner = code;
  const one = i32x4.splat(1);
  const rest = i32x4.splat(record.kernelWidth - columns);
  for (const end = x + <usize>rows * rowBytes; x < end; x += rowBytes) {
    for (let at = x, last = x + <usize>columns * pixelBytes; at < last; at += pixelBytes) {
      const a = v128.load(at);
      const b = v128.load(at, 16);
      const lowWins = wins(a, low);
      const highWins = wins(b, high);
      low = v128.bitselect(a, low, lowWins);
      high = v128.bitselect(b, high, highWins);
      lowWinner = v128.bitselect(code, lowWinner, lowWins);
      highWinner = v128.bitselect(code, highWinner, highWins);
      code = i32x4.add(code, one);
    }
    code = i32x4.add(code, rest);
  }
  if (record.relu) {
    lowWinner = v128.or(lowWinner, stopped(low));
    highWinner = v128.or(highWinner, stopped(high));
    low = f32x4.pmax(low, f32x4.splat(0));
    high = f32x4.pmax(high, f32x4.splat(0));
  }
  const y = record.y + (output << 2);
  v128.store(y, low);
  v128.store(y, high, 16);
  if (record.winners == 0) return;
  const words = i16x8.narrow_i32x4_u(lowWinner, highWinner);
  v128.store64_lane(record.winners + output, i8x16.narrow_i16x8_u(words, words), 0);
}

/** `noWinner` where a ReLU makes the result 0. */
// @ts-ignore: decorator
@inline
function stopped(largest: v128): v128 {
  return v128.and(f32x4.le(largest, f32x4.splat(0)), i32x4.splat(noWinner));
}

/** As `poolWindow8`, for `lanes` ≤ 4 channels. */
function poolWindow(
  record: MaxPoolRecord,
  x: usize,
  output: usize,
  lanes: i32,
  rows: i32,
  columns: i32,
  firstCode: i32,
): void {
  const pixelBytes = (<usize>record.channels) << 2;
  const rowBytes = <usize>record.width * pixelBytes;
  let largest = loadPartial(x, lanes);
  let winner = i32x4.splat(firstCode);
  for (let row = 0; row < rows; row++) {
    let at = x + <usize>row * rowBytes;
    let code = firstCode + row * record.kernelWidth;
    for (let column = 0; column < columns; column++) {
      const value = loadPartial(at, lanes);
      const mask = wins(value, largest);
      largest = v128.bitselect(value, largest, mask);
      winner = v128.bitselect(i32x4.splat(code), winner, mask);
      at += pixelBytes;
      code++;
    }
  }
  if (record.relu) {
    winner = v128.or(winner, stopped(largest));
    largest = f32x4.pmax(largest, f32x4.splat(0));
  }
  const y = record.y + (output << 2);
  storePartial(y, largest, lanes);
  if (record.winners == 0) return;
  if (lanes == 4) storeAsBytes(record.winners + output, winner);
  else {
    store<u8>(record.winners + output, <u8>i32x4.extract_lane(winner, 0));
    if (lanes > 1) store<u8>(record.winners + output, <u8>i32x4.extract_lane(winner, 1), 1);
    if (lanes > 2) store<u8>(record.winners + output, <u8>i32x4.extract_lane(winner, 2), 2);
  }
}

/** `poolRow` for 2×2 windows side by side: 16 channels at a time, unless they hold a NaN. */
function poolRowOfPairs(record: MaxPoolRecord, row: i32): void {
  const channels = <usize>record.channels;
  const pixelBytes = channels << 2;
  const rowBytes = <usize>record.width * pixelBytes;
  const image = row / record.outHeight;
  const oy = row - image * record.outHeight;
  let x = record.x + <usize>(image * record.height + 2 * oy) * rowBytes;
  let output = <usize>(row * record.outWidth) * channels;
  const wholeBlocks = wholeUnits<usize>(channels, 16);
  for (let ox = 0; ox < record.outWidth; ox++) {
    let c: usize = 0;
    for (; c < wholeBlocks; c += 16) {
      if (!poolPairs16(record, x + (c << 2), output + c, pixelBytes, rowBytes)) {
        for (let part: usize = 0; part < 16; part += 4) {
          poolWindow(record, x + ((c + part) << 2), output + c + part, 4, 2, 2, 0);
        }
      }
    }
    for (; c < channels; c += 4) {
      if (!poolPairs4(record, x + (c << 2), output + c, pixelBytes, rowBytes)) {
        poolWindow(record, x + (c << 2), output + c, 4, 2, 2, 0);
      }
    }
    x += 2 * pixelBytes;
    output += channels;
  }
}

/** 16 channels of a 2×2 window; false, with nothing written, if there may be a NaN among them. */
// @ts-ignore: decorator
@inline
function poolPairs16(record: MaxPoolRecord, x: usize, output: usize, pixelBytes: usize, rowBytes: usize): bool {
  // A sum is NaN if a term is (or for infinities of both signs, which then take the slow way in vain).
  const total = f32x4.add(
    f32x4.add(sumOfPairs(x, pixelBytes, rowBytes), sumOfPairs(x + 16, pixelBytes, rowBytes)),
    f32x4.add(sumOfPairs(x + 32, pixelBytes, rowBytes), sumOfPairs(x + 48, pixelBytes, rowBytes)),
  );
  if (i32x4.bitmask(f32x4.eq(total, total)) != 15) return false;
  const m0 = largestOfPairs(x, pixelBytes, rowBytes);
  const m1 = largestOfPairs(x + 16, pixelBytes, rowBytes);
  const m2 = largestOfPairs(x + 32, pixelBytes, rowBytes);
  const m3 = largestOfPairs(x + 48, pixelBytes, rowBytes);
  const y = record.y + (output << 2);
  const zero = f32x4.splat(0);
  if (record.relu) {
    v128.store(y, f32x4.pmax(m0, zero));
    v128.store(y, f32x4.pmax(m1, zero), 16);
    v128.store(y, f32x4.pmax(m2, zero), 32);
    v128.store(y, f32x4.pmax(m3, zero), 48);
  } else {
    v128.store(y, m0);
    v128.store(y, m1, 16);
    v128.store(y, m2, 32);
    v128.store(y, m3, 48);
  }
  if (record.winners == 0) return true;
  let codes = i8x16.neg(
    i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(
        negativeWinner(x, m0, pixelBytes, rowBytes),
        negativeWinner(x + 16, m1, pixelBytes, rowBytes),
      ),
      i16x8.narrow_i32x4_s(
        negativeWinner(x + 32, m2, pixelBytes, rowBytes),
        negativeWinner(x + 48, m3, pixelBytes, rowBytes),
      ),
    ),
  );
  if (record.relu) {
    const dead = i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(f32x4.le(m0, zero), f32x4.le(m1, zero)),
      i16x8.narrow_i32x4_s(f32x4.le(m2, zero), f32x4.le(m3, zero)),
    );
    codes = v128.or(codes, dead);
  }
  v128.store(record.winners + output, codes);
  return true;
}

/** As `poolPairs16`, for 4 channels. */
// @ts-ignore: decorator
@inline
function poolPairs4(record: MaxPoolRecord, x: usize, output: usize, pixelBytes: usize, rowBytes: usize): bool {
  const total = sumOfPairs(x, pixelBytes, rowBytes);
  if (i32x4.bitmask(f32x4.eq(total, total)) != 15) return false;
  const largest = largestOfPairs(x, pixelBytes, rowBytes);
  let winner = i32x4.neg(negativeWinner(x, largest, pixelBytes, rowBytes));
  if (record.relu) winner = v128.or(winner, stopped(largest));
  v128.store(record.y + (output << 2), record.relu ? f32x4.pmax(largest, f32x4.splat(0)) : largest);
  if (record.winners != 0) storeAsBytes(record.winners + output, winner);
  return true;
}

// @ts-ignore: decorator
@inline
function sumOfPairs(x: usize, pixelBytes: usize, rowBytes: usize): v128 {
  const below = x + rowBytes;
  return f32x4.add(
    f32x4.add(v128.load(x), v128.load(x + pixelBytes)),
    f32x4.add(v128.load(below), v128.load(below + pixelBytes)),
  );
}

// @ts-ignore: decorator
@inline
function largestOfPairs(x: usize, pixelBytes: usize, rowBytes: usize): v128 {
  const below = x + rowBytes;
  return f32x4.pmax(
    f32x4.pmax(v128.load(x), v128.load(x + pixelBytes)),
    f32x4.pmax(v128.load(below), v128.load(below + pixelBytes)),
  );
}

/** Minus the number (0 … 3) of the first of the four values that equals `largest`. */
// @ts-ignore: decorator
@inline
function negativeWinner(x: usize, largest: v128, pixelBytes: usize, rowBytes: usize): v128 {
  const notFirst = f32x4.ne(v128.load(x), largest);
  const notSecond = v128.and(notFirst, f32x4.ne(v128.load(x + pixelBytes), largest));
  const notThird = v128.and(notSecond, f32x4.ne(v128.load(x + rowBytes), largest));
  return i32x4.add(notFirst, i32x4.add(notSecond, notThird));
}

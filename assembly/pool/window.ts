import { KernelRecord } from "../record";

/**
 * Geometry of pooling over x [batch, height, width, channels] to [batch, outHeight, outWidth, channels]: the window of
 * output (oy, ox) begins at row oy·strideHeight − paddingHeight and column ox·strideWidth − paddingWidth of x; what of it
 * lies outside counts as −Infinity. The padding is at most half the window, so no window lies outside altogether.
 */
@unmanaged
export class PoolRecord extends KernelRecord {
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
}

/** The winner that says "the gradient of this output goes nowhere". */
// @ts-ignore: decorator
@shared
export const noWinner: i32 = 255;

/** Whether windows of 2×2 lie side by side without padding, within x, over whole vectors of channels. */
// @ts-ignore: decorator
@inline
export function isPairwise(record: PoolRecord): bool {
  return (
    (record.kernelHeight == 2) &
    (record.kernelWidth == 2) &
    (record.strideHeight == 2) &
    (record.strideWidth == 2) &
    ((record.paddingHeight | record.paddingWidth) == 0) &
    (2 * record.outHeight <= record.height) &
    (2 * record.outWidth <= record.width) &
    ((record.channels & 3) == 0)
  );
}

/** Four bytes as int32. */
// @ts-ignore: decorator
@inline
export function bytesToLanes(at: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at)));
}

/** Stores four int32 within 0 … 255 as bytes. */
// @ts-ignore: decorator
@inline
export function storeAsBytes(at: usize, lanes: v128): void {
  const words = i16x8.narrow_i32x4_u(lanes, lanes);
  v128.store32_lane(at, i8x16.narrow_i16x8_u(words, words), 0);
}

/** Where a value takes the place of the largest so far: a larger one, or NaN. */
// @ts-ignore: decorator
@inline
export function wins(value: v128, largest: v128): v128 {
  return v128.or(f32x4.gt(value, largest), f32x4.ne(value, value));
}

import { exponentialOfNegative } from "../math/exponential";
import { laneMask, loadPartial, maximumLane, multiplyAdd, storePartial, sumLanes } from "../math/lanes";
import { logarithm } from "../math/logarithm";

/** The largest of `count` ≥ 1 floats at x. NaN is passed over: it comes out of the exponentials. */
export function rowMaximum(x: usize, count: usize): f32 {
  const end = x + (count << 2);
  let largest = f32x4.splat(-Infinity);
  if (count >= 32) {
    // Four chains, for one would wait for its own latency.
    let second = largest;
    let third = largest;
    let fourth = largest;
    for (; x + 64 <= end; x += 64) {
      largest = f32x4.pmax(largest, v128.load(x));
      second = f32x4.pmax(second, v128.load(x, 16));
      third = f32x4.pmax(third, v128.load(x, 32));
      fourth = f32x4.pmax(fourth, v128.load(x, 48));
    }
    largest = f32x4.pmax(f32x4.pmax(largest, second), f32x4.pmax(third, fourth));
  }
  for (; x + 16 <= end; x += 16) largest = f32x4.pmax(largest, v128.load(x));
  const left = (end - x) >> 2;
  if (left > 0) {
    largest = f32x4.pmax(largest, v128.bitselect(loadPartial(x, left), f32x4.splat(-Infinity), laneMask(left)));
  }
  return maximumLane(largest);
}

/** Writes e^(x − shift) to y and returns the sum. y may be x. */
export function exponentialsOfRow(x: usize, y: usize, count: usize, shift: f32): f32 {
  const end = x + (count << 2);
  const shifts = f32x4.splat(shift);
  let sum = f32x4.splat(0);
  // Two at a time, so that the coefficients of the exponential serve for both.
  for (; x + 32 <= end; x += 32, y += 32) {
    const first = exponentialOfNegative(f32x4.sub(v128.load(x), shifts));
    const second = exponentialOfNegative(f32x4.sub(v128.load(x, 16), shifts));
    sum = f32x4.add(f32x4.add(sum, first), second);
    v128.store(y, first);
    v128.store(y, second, 16);
  }
  for (; x + 16 <= end; x += 16, y += 16) {
    const e = exponentialOfNegative(f32x4.sub(v128.load(x), shifts));
    sum = f32x4.add(sum, e);
    v128.store(y, e);
  }
  const left = (end - x) >> 2;
  if (left > 0) {
    const e = exponentialOfNegative(f32x4.sub(loadPartial(x, left), shifts));
    sum = f32x4.add(sum, v128.and(e, laneMask(left)));
    storePartial(y, e, left);
  }
  return sumLanes(sum);
}

/** Σ e^(x − shift), the same bits as `exponentialsOfRow` returns. */
export function sumOfExponentials(x: usize, count: usize, shift: f32): f32 {
  const end = x + (count << 2);
  const shifts = f32x4.splat(shift);
  let sum = f32x4.splat(0);
  for (; x + 16 <= end; x += 16) sum = f32x4.add(sum, exponentialOfNegative(f32x4.sub(v128.load(x), shifts)));
  const left = (end - x) >> 2;
  if (left > 0) {
    const e = exponentialOfNegative(f32x4.sub(loadPartial(x, left), shifts));
    sum = f32x4.add(sum, v128.and(e, laneMask(left)));
  }
  return sumLanes(sum);
}

/** Σ aᵢ·bᵢ. */
export function dotOfRows(a: usize, b: usize, count: usize): f32 {
  const end = a + (count << 2);
  let sum = f32x4.splat(0);
  for (; a + 16 <= end; a += 16, b += 16) sum = multiplyAdd(v128.load(a), v128.load(b), sum);
  const left = (end - a) >> 2;
  if (left > 0) sum = multiplyAdd(loadPartial(a, left), loadPartial(b, left), sum);
  return sumLanes(sum);
}

/** Σ xᵢ. */
export function sumOfRow(x: usize, count: usize): f32 {
  const end = x + (count << 2);
  let sum = f32x4.splat(0);
  for (; x + 16 <= end; x += 16) sum = f32x4.add(sum, v128.load(x));
  const left = (end - x) >> 2;
  if (left > 0) sum = f32x4.add(sum, loadPartial(x, left));
  return sumLanes(sum);
}

/** ln of one number. */
// @ts-ignore: decorator
@inline
export function logarithmOf(x: f32): f32 {
  return f32x4.extract_lane(logarithm(f32x4.splat(x)), 0);
}

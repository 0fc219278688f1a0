import { halfToFloat } from "../math/half";
import { ELEMENT_BOOL, ELEMENT_F16, ELEMENT_I32, ELEMENT_U8, shiftOf } from "./types";

/** The one element of an array, sixteen times. */
export function readOne(array: usize, type: i32, to: usize): void {
  const lanes = laneOf(array, type);
  for (let lane: usize = 0; lane < 64; lane += 16) v128.store(to + lane, lanes);
}

/**
 * Elements first … first + count − 1, in row-major order, as lanes at `to`, where 12 bytes more may be overwritten. `shape` is how
 * the array lies: the number of axes, POINTWISE_AXES at most, then for each axis, innermost first, its length and its stride in elements.
 * `position` is memory for as many words.
 */
export function readElements(
  to: usize,
  array: usize,
  type: i32,
  shape: usize,
  first: i32,
  count: i32,
  position: usize,
): void {
  const axes = load<i32>(shape);
  const shift = shiftOf(type);
  let index = first;
  let from: isize = 0;
  for (let axis = 0; axis < axes; axis++) {
    const length = lengthOf(shape, axis);
    const at = index % length;
    index /= length;
    store<i32>(position + ((<usize>axis) << 2), at);
    from += <isize>at * strideOf(shape, axis);
  }
  const length = lengthOf(shape, 0);
  const stride = strideOf(shape, 0);
  let at = load<i32>(position);
  while (true) {
    const run = min(length - at, count);
    readRun(to, array + <usize>(from << shift), type, stride, run);
    count -= run;
    if (count == 0) return;
    to += (<usize>run) << 2;
    from -= <isize>at * stride;
    at = 0;
    for (let axis = 1; ; axis++) {
      const place = position + ((<usize>axis) << 2);
      const next = load<i32>(place) + 1;
      const step = strideOf(shape, axis);
      if (next < lengthOf(shape, axis)) {
        store<i32>(place, next);
        from += step;
        break;
      }
      store<i32>(place, 0);
      from -= <isize>(next - 1) * step;
    }
  }
}

// @ts-ignore: decorator
@inline
function lengthOf(shape: usize, axis: i32): i32 {
  return load<i32>(shape + ((<usize>axis) << 3), 4);
}

// @ts-ignore: decorator
@inline
function strideOf(shape: usize, axis: i32): isize {
  return <isize>load<i32>(shape + ((<usize>axis) << 3), 8);
}

/** `count` elements, each `stride` after the one before, as lanes. */
// @ts-ignore: decorator
@inline
function readRun(to: usize, from: usize, type: i32, stride: isize, count: i32): void {
  const end = to + ((<usize>count) << 2);
  if (stride == 0) {
    const lanes = laneOf(from, type);
    for (; to < end; to += 16) v128.store(to, lanes);
    return;
  }
  const step = stride << shiftOf(type);
  if (stride == 1) {
    const whole = to + ((<usize>(count & ~3)) << 2);
    if (type <= ELEMENT_I32) {
      for (; to < whole; to += 16, from += 16) v128.store(to, v128.load(from));
    } else if (type == ELEMENT_F16) {
      for (; to < whole; to += 16, from += 8) v128.store(to, halfToFloat(v128.load16x4_u(from)));
    } else {
      const isBoolean = i32x4.splat(type == ELEMENT_BOOL ? -1 : 0);
      for (; to < whole; to += 16, from += 4) {
        const lanes = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(from)));
        // The negative of 1 is a lane of ones.
        v128.store(to, i32x4.sub(v128.xor(lanes, isBoolean), isBoolean));
      }
    }
  } else if (type <= ELEMENT_I32) {
    for (; to < end; to += 4, from += step) store<i32>(to, load<i32>(from));
    return;
  }
  for (; to < end; to += 4, from += step) v128.store32_lane(to, laneOf(from, type), 0);
}

/** An element in all lanes. */
// @ts-ignore: decorator
@inline
function laneOf(from: usize, type: i32): v128 {
  if (type <= ELEMENT_I32) return v128.load32_splat(from);
  if (type == ELEMENT_F16) return halfToFloat(i32x4.splat(load<u16>(from)));
  const byte = <i32>load<u8>(from);
  return i32x4.splat(type == ELEMENT_U8 ? byte : -byte);
}

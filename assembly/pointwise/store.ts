import { floatToHalf } from "../math/half";
import { ELEMENT_BOOL, ELEMENT_F16 } from "./types";

/** Writes lanes to elements first … first + count − 1 of an array of float16, bytes or truth values. */
export function writeElements(array: usize, from: usize, type: i32, first: i32, count: i32): void {
  const end = from + ((<usize>count) << 2);
  const whole = from + ((<usize>(count & ~3)) << 2);
  if (type == ELEMENT_F16) {
    let to = array + ((<usize>first) << 1);
    for (; from < whole; from += 16, to += 8) v128.store64_lane(to, packed(floatToHalf(v128.load(from))), 0);
    for (; from < end; from += 4, to += 2) {
      store<u16>(to, <u16>i32x4.extract_lane(floatToHalf(v128.load32_zero(from)), 0));
    }
  } else {
    let to = array + <usize>first;
    const mask = i32x4.splat(type == ELEMENT_BOOL ? 1 : 255);
    for (; from < whole; from += 16, to += 4) {
      const halves = packed(v128.and(v128.load(from), mask));
      v128.store32_lane(to, i8x16.narrow_i16x8_u(halves, halves), 0);
    }
    for (; from < end; from += 4, to++) store<u8>(to, <u8>(load<i32>(from) & i32x4.extract_lane(mask, 0)));
  }
}

/** The lower 16 bits of four lanes, one after another. */
// @ts-ignore: decorator
@inline
function packed(lanes: v128): v128 {
  return i16x8.shuffle(lanes, lanes, 0, 2, 4, 6, 0, 2, 4, 6);
}

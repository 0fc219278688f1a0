// IEEE 754 binary16 in 32-bit lanes, by integer operations: WebAssembly has no such type.

/** The numbers whose float16 bits lie in the lower half of each lane. */
// @ts-ignore: decorator
@inline
export function halfToFloat(half: v128): v128 {
  const size = i32x4.shl(v128.and(half, i32x4.splat(0x7fff)), 13);
  const sign = i32x4.shl(v128.and(half, i32x4.splat(0x8000)), 16);
  // 2¹¹² moves the exponent's bias from 15 to 127, and makes normal numbers of denormal ones.
  const scaled = f32x4.mul(size, i32x4.splat(0x77800000));
  const isSpecial = i32x4.ge_u(size, i32x4.splat(0x0f800000));
  return v128.or(sign, v128.bitselect(v128.or(size, i32x4.splat(0x7f800000)), scaled, isSpecial));
}

/** The float16 bits nearest to each number, ties to even. NaN stays NaN; from 65,520 on there is Infinity. */
// @ts-ignore: decorator
@inline
export function floatToHalf(x: v128): v128 {
  const sign = v128.and(x, i32x4.splat(0x80000000));
  const size = v128.xor(x, sign);
  // Normal halves: adding half a unit less one, and the last bit that stays, rounds to even.
  const odd = v128.and(i32x4.shr_u(size, 13), i32x4.splat(1));
  const normal = i32x4.shr_u(i32x4.add(size, i32x4.add(odd, i32x4.splat(<i32>0xc8000fff))), 13);
  // Below 2⁻¹⁴ a float32 addition to ½ rounds to multiples of 2⁻²⁴.
  const denormal = i32x4.sub(f32x4.add(size, f32x4.splat(0.5)), f32x4.splat(0.5));
  const finite = v128.bitselect(denormal, normal, i32x4.lt_u(size, i32x4.splat(0x38800000)));
  const limited = v128.bitselect(i32x4.splat(0x7c00), finite, i32x4.ge_u(size, i32x4.splat(0x477ff000)));
  const half = v128.bitselect(i32x4.splat(0x7e00), limited, i32x4.gt_u(size, i32x4.splat(0x7f800000)));
  return v128.or(half, i32x4.shr_u(sign, 16));
}

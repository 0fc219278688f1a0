import { lowerAsF64, upperAsF64 } from "./lanes";

// xʸ = 2^(y·log₂|x|) in float64, so that one rounding to float32 is left: log₂ with a relative error of 1e-12, of which y makes 1e-10
// at most before the result leaves the range of float32.

/** xʸ, with the special cases of C's pow (C17, F.10.4.4). */
export function power(x: v128, y: v128): v128 {
  const one = f32x4.splat(1);
  const size = f32x4.abs(x);
  const low = twoPowers(lowerAsF64(size), lowerAsF64(y));
  const high = twoPowers(upperAsF64(size), upperAsF64(y));
  let result = v128.shuffle<f32>(low, high, 0, 1, 4, 5);
  // |x| = 1 with an infinite y, x = 1, and y = 0 give 1, whatever the other is.
  const isUnit = f32x4.eq(size, one);
  const isInfinite = f32x4.eq(f32x4.abs(y), f32x4.splat(Infinity));
  result = v128.bitselect(one, result, v128.and(isUnit, isInfinite));
  // A negative base wants an integer: odd ones give its sign.
  const isInteger = v128.or(f32x4.eq(f32x4.nearest(y), y), isInfinite);
  const half = f32x4.mul(y, f32x4.splat(0.5));
  const isOdd = v128.andnot(v128.and(isInteger, f32x4.ne(f32x4.nearest(half), half)), isInfinite);
  result = v128.xor(result, v128.and(v128.and(x, f32x4.splat(-0.0)), isOdd));
  const isNegative = v128.and(f32x4.lt(x, f32x4.splat(0)), f32x4.gt(x, f32x4.splat(-Infinity)));
  result = v128.or(result, v128.andnot(isNegative, isInteger));
  return v128.bitselect(one, result, v128.or(f32x4.eq(x, one), f32x4.eq(y, f32x4.splat(0))));
}

/** Two float64 to the power of others, rounded to float32 in the lower two lanes. */
// @ts-ignore: decorator
@inline
function twoPowers(x: v128, y: v128): v128 {
  // Beyond ±200 a float32 is 0 or infinite. NaN stays NaN.
  const wide = f64x2.mul(y, logarithm2(x));
  const exponent = f64x2.pmin(f64x2.pmax(wide, f64x2.splat(-200)), f64x2.splat(200));
  return f32x4.demote_f64x2_zero(exponential2(exponent));
}

/** log₂ x for x ≥ 0. x = 2ⁿ·m, √½ ≤ m < √2; ln m = 2·artanh s with s = (m − 1)/(m + 1), |s| ≤ 0.172, by its series. */
// @ts-ignore: decorator
@inline
function logarithm2(x: v128): v128 {
  const offset = i64x2.sub(x, i64x2.splat(0x3fe6a09e667f3bcd));
  const n = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(i64x2.shr_s(offset, 32), i64x2.splat(0), 0, 2, 4, 5));
  const exponent = f64x2.floor(f64x2.mul(n, f64x2.splat(1.0 / 1048576)));
  const m = i64x2.sub(x, v128.and(offset, i64x2.splat(0xfff0000000000000)));
  const s = f64x2.div(f64x2.sub(m, f64x2.splat(1)), f64x2.add(m, f64x2.splat(1)));
  const z = f64x2.mul(s, s);
  let p = f64x2.splat(1.0 / 15);
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(1.0 / 13));
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(1.0 / 11));
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(1.0 / 9));
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(1.0 / 7));
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(1.0 / 5));
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(1.0 / 3));
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(1));
  const finite = f64x2.add(exponent, f64x2.mul(f64x2.mul(s, p), f64x2.splat(2.885390081777926815)));
  const isSpecial = v128.not(f64x2.lt(x, f64x2.splat(Infinity)));
  const positive = v128.bitselect(x, finite, isSpecial);
  return v128.bitselect(f64x2.splat(-Infinity), positive, f64x2.eq(x, f64x2.splat(0)));
}

/** 2ᶻ for |z| ≤ 200: the power of the nearest integer times a Taylor polynomial, relative error 1e-12. */
// @ts-ignore: decorator
@inline
function exponential2(z: v128): v128 {
  const n = f64x2.nearest(z);
  const t = f64x2.mul(f64x2.sub(z, n), f64x2.splat(0.6931471805599453094));
  let p = f64x2.splat(1.0 / 3628800);
  p = f64x2.add(f64x2.mul(p, t), f64x2.splat(1.0 / 362880));
  p = f64x2.add(f64x2.mul(p, t), f64x2.splat(1.0 / 40320));
  p = f64x2.add(f64x2.mul(p, t), f64x2.splat(1.0 / 5040));
  p = f64x2.add(f64x2.mul(p, t), f64x2.splat(1.0 / 720));
  p = f64x2.add(f64x2.mul(p, t), f64x2.splat(1.0 / 120));
  p = f64x2.add(f64x2.mul(p, t), f64x2.splat(1.0 / 24));
  p = f64x2.add(f64x2.mul(p, t), f64x2.splat(1.0 / 6));
  p = f64x2.add(f64x2.mul(p, t), f64x2.splat(1.0 / 2));
  p = f64x2.add(f64x2.mul(p, t), f64x2.splat(1));
  p = f64x2.add(f64x2.mul(p, t), f64x2.splat(1));
  // 1.5·2⁵² leaves the integer in the low bits of the sum.
  const shifted = f64x2.add(n, f64x2.splat(6755399441055744));
  return i64x2.add(p, i64x2.shl(shifted, 52));
}

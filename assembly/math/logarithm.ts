import { multiplyAdd } from "./lanes";

// x = 2ᵉ·(1 + f) with √½ ≤ 1 + f < √2, ln(1 + f) = f − f²/2 + f³·R(f) with the polynomial of logf in the Cephes library (Moshier).

/** Whether all is ordinary for `logarithmOfNormal`: a mask, false for NaN. */
// @ts-ignore: decorator
@inline
export function isNormal(x: v128): v128 {
  return v128.and(f32x4.ge(x, f32x4.splat(1.17549435e-38)), f32x4.lt(x, f32x4.splat(Infinity)));
}

/** ln x of positive numbers that are neither denormal nor infinite. */
// @ts-ignore: decorator
@inline
export function logarithmOfNormal(x: v128): v128 {
  return logarithmOfScaled(x, f32x4.splat(0));
}

/** ln x − scale·ln 2, of which x is as above. */
// @ts-ignore: decorator
@inline
function logarithmOfScaled(x: v128, scale: v128): v128 {
  // Subtracting the bits of √½ makes the exponent field that of 1 + f in [√½, √2).
  const offset = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const biased = v128.and(offset, i32x4.splat(0xff800000));
  const f = f32x4.sub(i32x4.sub(x, biased), f32x4.splat(1));
  const exponent = f32x4.sub(f32x4.convert_i32x4_s(i32x4.shr_s(offset, 23)), scale);

  const square = f32x4.mul(f, f);
  let p = multiplyAdd(f, f32x4.splat(7.0376836292e-2), f32x4.splat(-1.151461031e-1));
  p = multiplyAdd(p, f, f32x4.splat(1.167699874e-1));
  p = multiplyAdd(p, f, f32x4.splat(-1.2420140846e-1));
  p = multiplyAdd(p, f, f32x4.splat(1.4249322787e-1));
  p = multiplyAdd(p, f, f32x4.splat(-1.6668057665e-1));
  p = multiplyAdd(p, f, f32x4.splat(2.0000714765e-1));
  p = multiplyAdd(p, f, f32x4.splat(-2.4999993993e-1));
  p = multiplyAdd(p, f, f32x4.splat(3.3333331174e-1));
  let low = f32x4.mul(f32x4.mul(p, f), square);
  low = multiplyAdd(exponent, f32x4.splat(-2.1219444e-4), low);
  low = multiplyAdd(square, f32x4.splat(-0.5), low);
  return f32x4.add(multiplyAdd(exponent, f32x4.splat(0.693359375), low), f);
}

/** ln x. Denormals are scaled first. ln 0 = −Infinity, NaN below 0. The bits of `logarithmOfNormal` where that applies. */
// @ts-ignore: decorator
@inline
export function logarithm(x: v128): v128 {
  const isTiny = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, isTiny);
  const result = logarithmOfScaled(scaled, v128.and(isTiny, f32x4.splat(23)));

  // Infinity and NaN are their own logarithms; below 0 there is none.
  const isFinite = f32x4.lt(x, f32x4.splat(Infinity));
  const positive = v128.bitselect(result, x, isFinite);
  const withZero = v128.bitselect(f32x4.splat(-Infinity), positive, f32x4.eq(x, f32x4.splat(0)));
  return v128.or(withZero, f32x4.lt(x, f32x4.splat(0)));
}

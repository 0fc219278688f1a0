import { multiplyAdd, negativeMultiplyAdd } from "./lanes";

// eˣ = 2ⁿ·eʳ with n the integer nearest to x/ln 2 and |r| ≤ ln 2 / 2. Adding 1.5·2²³ rounds to an integer and leaves n
// in the low bits of the sum. eʳ = 1 + r + r²·Q(r); Q is a minimax polynomial whose coefficients were rounded to float32
// one after the other, relative error 0.05 · 2⁻²⁴.
const roundingShift: f32 = 12582912;
const log2OfE: f32 = 1.44269504;
/** ln 2 in two parts; n times the first is exact. */
const ln2High: f32 = 0.693359375;
const ln2Low: f32 = -2.1219444e-4;
/** Results below this argument are denormal. */
export const smallestNormalArgument: f32 = -87.33654;

/** x/ln 2 rounded to an integer n, plus 1.5·2²³. */
// @ts-ignore: decorator
@inline
export function shiftedExponent(x: v128): v128 {
  return multiplyAdd(x, f32x4.splat(log2OfE), f32x4.splat(roundingShift));
}

/** x − n·ln 2. */
// @ts-ignore: decorator
@inline
export function reducedArgument(x: v128, shifted: v128): v128 {
  const n = f32x4.sub(shifted, f32x4.splat(roundingShift));
  return negativeMultiplyAdd(n, f32x4.splat(ln2Low), negativeMultiplyAdd(n, f32x4.splat(ln2High), x));
}

/** eʳ − 1 for |r| ≤ ln 2 / 2. */
// @ts-ignore: decorator
@inline
export function exponentialMinusOneReduced(r: v128): v128 {
  let q = multiplyAdd(r, f32x4.splat(0.0013819490559399128), f32x4.splat(0.008368690498173237));
  q = multiplyAdd(q, r, f32x4.splat(0.041668280959129333));
  q = multiplyAdd(q, r, f32x4.splat(0.1666652113199234));
  q = multiplyAdd(q, r, f32x4.splat(0.4999999403953552));
  return multiplyAdd(q, f32x4.mul(r, r), r);
}

/** eˣ for |x| ≤ 87; not for NaN, whose payload the addition of the exponent would spoil. */
// @ts-ignore: decorator
@inline
export function exponentialWithin87(x: v128): v128 {
  const shifted = shiftedExponent(x);
  const p = f32x4.add(f32x4.splat(1), exponentialMinusOneReduced(reducedArgument(x, shifted)));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/** Whether all lanes are numbers within ±87. */
// @ts-ignore: decorator
@inline
export function isWithin87(x: v128): v128 {
  return f32x4.le(f32x4.abs(x), f32x4.splat(87));
}

/** 2ⁿ for the n in the low bits of a shifted exponent, −126 ≤ n ≤ 127. */
// @ts-ignore: decorator
@inline
export function powerOfShifted(shifted: v128): v128 {
  return i32x4.add(i32x4.shl(shifted, 23), f32x4.splat(1));
}

/**
 * eˣ for x ≤ 0 with denormal results (x < −87.34) replaced by 0, as softmax wants it: those are slow and below the
 * rounding of the sum they go into. NaN stays NaN.
 */
// @ts-ignore: decorator
@inline
export function exponentialOfNegative(x: v128): v128 {
  const shifted = shiftedExponent(x);
  const p = f32x4.add(f32x4.splat(1), exponentialMinusOneReduced(reducedArgument(x, shifted)));
  return v128.andnot(f32x4.mul(p, powerOfShifted(shifted)), f32x4.lt(x, f32x4.splat(smallestNormalArgument)));
}

/**
 * eˣ for every x: denormals, 0, Infinity and NaN included; the bits of `exponentialWithin87` where that applies. Error
 * below 1 ulp (docs/numerics.md).
 */
// @ts-ignore: decorator
@inline
export function exponential(x: v128): v128 {
  // pmax(x, c) is `x < c ? c : x`, which keeps NaN.
  const clamped = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-105)), f32x4.splat(89));
  const shifted = shiftedExponent(clamped);
  const p = f32x4.add(f32x4.splat(1), exponentialMinusOneReduced(reducedArgument(clamped, shifted)));
  // 2ⁿ in two factors, each a normal number, so that only the last product rounds (to a denormal) or overflows.
  const n = i32x4.sub(shifted, f32x4.splat(roundingShift));
  const half = i32x4.shr_s(n, 1);
  return f32x4.mul(f32x4.mul(p, powerOfShifted(half)), powerOfShifted(i32x4.sub(n, half)));
}

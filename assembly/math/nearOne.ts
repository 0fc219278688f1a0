import {
  exponential,
  exponentialMinusOneReduced,
  powerOfShifted,
  reducedArgument,
  shiftedExponent,
} from "./exponential";
import { multiplyAdd } from "./lanes";
import { logarithm, logarithmOfNormal } from "./logarithm";

// Functions that are exact near 0, where the sums 1 + x and eˣ − 1 would lose what counts.

/** ln(1 + x): ln u with u = 1 + x rounded, less ((u − 1) − x)/u, the first order of what was rounded away. */
// @ts-ignore: decorator
@inline
export function logarithmOnePlus(x: v128): v128 {
  const one = f32x4.splat(1);
  const u = f32x4.add(one, x);
  const lost = f32x4.sub(f32x4.sub(u, one), x);
  const whole = logarithm(u);
  const corrected = f32x4.sub(whole, f32x4.div(lost, u));
  // u is 0 or infinite: nothing was lost. x is 0: it keeps its sign.
  const isPlain = v128.or(f32x4.eq(u, f32x4.splat(0)), f32x4.eq(u, f32x4.splat(Infinity)));
  const result = v128.bitselect(whole, corrected, isPlain);
  return v128.bitselect(x, result, f32x4.eq(x, f32x4.splat(0)));
}

/** Whether all is ordinary for `logarithmOnePlusOrdinary`: a mask, false for NaN. */
// @ts-ignore: decorator
@inline
export function isAboveMinusOne(x: v128): v128 {
  return v128.and(f32x4.gt(x, f32x4.splat(-1)), f32x4.lt(x, f32x4.splat(Infinity)));
}

/** ln(1 + x) for −1 < x < ∞, in the bits of `logarithmOnePlus`: 1 + x is positive and no denormal. */
// @ts-ignore: decorator
@inline
export function logarithmOnePlusOrdinary(x: v128): v128 {
  const one = f32x4.splat(1);
  const u = f32x4.add(one, x);
  const lost = f32x4.sub(f32x4.sub(u, one), x);
  const result = f32x4.sub(logarithmOfNormal(u), f32x4.div(lost, u));
  return v128.bitselect(x, result, f32x4.eq(x, f32x4.splat(0)));
}

/** Whether all is ordinary for `exponentialMinusOneUpTo60`: a mask, false for NaN. */
// @ts-ignore: decorator
@inline
export function isUpTo60(x: v128): v128 {
  return f32x4.le(x, f32x4.splat(60));
}

/** eˣ − 1 for x ≤ 60, in the bits of `exponentialMinusOne`. */
// @ts-ignore: decorator
@inline
export function exponentialMinusOneUpTo60(x: v128): v128 {
  const clamped = f32x4.pmax(x, f32x4.splat(-18));
  const shifted = shiftedExponent(clamped);
  const power = powerOfShifted(shifted);
  const e = exponentialMinusOneReduced(reducedArgument(clamped, shifted));
  const result = multiplyAdd(power, e, f32x4.sub(power, f32x4.splat(1)));
  return v128.or(result, v128.and(x, f32x4.splat(-0.0)));
}

/** eˣ − 1 = 2ⁿ·(eʳ − 1) + (2ⁿ − 1); 2ⁿ − 1 is exact where it counts. */
// @ts-ignore: decorator
@inline
export function exponentialMinusOne(x: v128): v128 {
  const near = exponentialMinusOneUpTo60(f32x4.pmin(x, f32x4.splat(60)));
  return v128.bitselect(exponential(x), near, f32x4.gt(x, f32x4.splat(60)));
}

import {
  exponential,
  exponentialMinusOneReduced,
  powerOfShifted,
  reducedArgument,
  shiftedExponent,
} from "./exponential";
import { multiplyAdd } from "./lanes";
import { logarithm } from "./logarithm";

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

/** eˣ − 1 = 2ⁿ·(eʳ − 1) + (2ⁿ − 1); 2ⁿ − 1 is exact where it counts. */
// @ts-ignore: decorator
@inline
export function exponentialMinusOne(x: v128): v128 {
  const clamped = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-18)), f32x4.splat(60));
  const shifted = shiftedExponent(clamped);
  const power = powerOfShifted(shifted);
  const e = exponentialMinusOneReduced(reducedArgument(clamped, shifted));
  const near = multiplyAdd(power, e, f32x4.sub(power, f32x4.splat(1)));
  const result = v128.bitselect(exponential(x), near, f32x4.gt(x, f32x4.splat(60)));
  return v128.or(result, v128.and(x, f32x4.splat(-0.0)));
}

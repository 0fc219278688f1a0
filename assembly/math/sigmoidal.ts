import {
  exponential,
  exponentialMinusOneReduced,
  powerOfShifted,
  reducedArgument,
  shiftedExponent,
} from "./exponential";
import { multiplyAdd } from "./lanes";

/** Whether all is ordinary for `sigmoidWithin16`: a mask, false for NaN. */
// @ts-ignore: decorator
@inline
export function isWithin16(x: v128): v128 {
  return f32x4.le(f32x4.abs(x), f32x4.splat(16));
}

/**
 * 1 / (1 + e⁻ˣ) for −16 ≤ x ≤ 87; NaN for NaN. With e⁻ˣ = 2ⁿ·(1 + E) the denominator is (1 + 2ⁿ) + 2ⁿ·E: one rounding,
 * where forming e⁻ˣ first would be two.
 */
// @ts-ignore: decorator
@inline
export function sigmoidWithin16(x: v128): v128 {
  const one = f32x4.splat(1);
  const negative = f32x4.neg(x);
  const shifted = shiftedExponent(negative);
  const power = powerOfShifted(shifted);
  const e = exponentialMinusOneReduced(reducedArgument(negative, shifted));
  return f32x4.div(one, multiplyAdd(power, e, f32x4.add(one, power)));
}

/** 1 / (1 + e⁻ˣ) for every x. Below −16, where 1 + 2ⁿ would round, it is z/(1 + z) ≈ z − z² with z = eˣ. */
// @ts-ignore: decorator
@inline
export function sigmoidOf(x: v128): v128 {
  const clamped = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-16)), f32x4.splat(87));
  const z = exponential(x);
  return v128.bitselect(f32x4.sub(z, f32x4.mul(z, z)), sigmoidWithin16(clamped), f32x4.lt(x, f32x4.splat(-16)));
}

/**
 * tanh x with the sign of x: 1 − 2 / (e^2|x| + 1) from 0.55 on, where the quotient's error counts at most half; below,
 * x + x³·P(x²), P minimax with relative error 0.6 · 2⁻²⁴. |x| > 9.05 gives ±1.
 */
// @ts-ignore: decorator
@inline
export function hyperbolicTangent(x: v128): v128 {
  const signBit = f32x4.splat(-0.0);
  const one = f32x4.splat(1);
  const size = v128.andnot(x, signBit);
  const doubled = f32x4.pmin(f32x4.add(size, size), f32x4.splat(18.1));
  const shifted = shiftedExponent(doubled);
  const power = powerOfShifted(shifted);
  const e = exponentialMinusOneReduced(reducedArgument(doubled, shifted));
  const denominator = multiplyAdd(power, e, f32x4.add(one, power));
  const large = f32x4.sub(one, f32x4.div(f32x4.splat(2), denominator));

  const square = f32x4.mul(x, x);
  let p = multiplyAdd(square, f32x4.splat(0.01643787883222103), f32x4.splat(-0.05267200991511345));
  p = multiplyAdd(p, square, f32x4.splat(0.1332072913646698));
  p = multiplyAdd(p, square, f32x4.splat(-0.3333294689655304));
  const small = multiplyAdd(f32x4.mul(square, x), p, x);
  // The sign of x, also where small is −0 + 0.
  return v128.or(v128.bitselect(small, large, f32x4.lt(size, f32x4.splat(0.55))), v128.and(x, signBit));
}

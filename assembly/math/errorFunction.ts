import { exponentialOfNegative } from "./exponential";
import { multiplyAdd } from "./lanes";

/**
 * erf x = 2/√π ∫₀ˣ e^−t² dt. Up to 0.92 as x + x·P(x²), beyond as 1 − e^R(|x|); polynomials by N. Juffa (published under
 * a BSD licence in the NVIDIA developer forum), 1 ulp with fused operations.
 */
// @ts-ignore: decorator
@inline
export function errorFunction(x: v128): v128 {
  const signBit = f32x4.splat(-0.0);
  const size = v128.andnot(x, signBit);
  const t = f32x4.pmin(size, f32x4.splat(4));
  const square = f32x4.mul(x, x);
  let p = multiplyAdd(square, f32x4.splat(-5.96761703e-4), f32x4.splat(4.99119423e-3));
  p = multiplyAdd(p, square, f32x4.splat(-2.67681349e-2));
  p = multiplyAdd(p, square, f32x4.splat(1.12819925e-1));
  p = multiplyAdd(p, square, f32x4.splat(-3.76125336e-1));
  p = multiplyAdd(p, square, f32x4.splat(1.28379166e-1));
  const inner = multiplyAdd(p, x, x);

  const tSquare = f32x4.mul(t, t);
  const upper = multiplyAdd(t, f32x4.splat(-1.7285347e-5), f32x4.splat(3.83197126e-4));
  const lower = multiplyAdd(t, f32x4.splat(-3.88396438e-3), f32x4.splat(2.42546219e-2));
  let q = multiplyAdd(upper, tSquare, lower);
  q = multiplyAdd(q, t, f32x4.splat(-1.06777877e-1));
  q = multiplyAdd(q, t, f32x4.splat(-6.34846687e-1));
  q = multiplyAdd(q, t, f32x4.splat(-1.28717512e-1));
  q = f32x4.sub(f32x4.mul(q, t), t);
  const outer = v128.or(f32x4.sub(f32x4.splat(1), exponentialOfNegative(q)), v128.and(x, signBit));
  return v128.bitselect(outer, inner, f32x4.gt(size, f32x4.splat(0.927734375)));
}

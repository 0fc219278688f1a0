/**
 * What happens to a register tile once its sum is complete: C = alpha · tile + beta · C + bias, then ReLU. beta = 0
 * never reads C; bias = 0 is none. Inline, so that a kernel that passes constants pays only for what it uses.
 */

// @ts-ignore: decorator
@inline
function finish(value: v128, c: usize, alpha: f32, beta: f32, bias: usize, relu: bool): v128 {
  if (alpha != 1) value = f32x4.mul(value, f32x4.splat(alpha));
  if (beta != 0) {
    value = f32x4.add(value, beta == 1 ? v128.load(c) : f32x4.mul(v128.load(c), f32x4.splat(beta)));
  }
  if (bias != 0) value = f32x4.add(value, v128.load(bias));
  // pmax(x, 0) is `x < 0 ? 0 : x`, which keeps NaN.
  return relu ? f32x4.pmax(value, f32x4.splat(0)) : value;
}

// @ts-ignore: decorator
@inline
export function storeElement(sum: f32, c: usize, alpha: f32, beta: f32, bias: usize, relu: bool): void {
  let value = sum * alpha;
  if (beta != 0) value += beta * load<f32>(c);
  if (bias != 0) value += load<f32>(bias);
  store<f32>(c, relu && value < 0 ? 0 : value);
}

/** Finishes and stores four columns of one row. */
// @ts-ignore: decorator
@inline
export function storeVector(value: v128, c: usize, alpha: f32, beta: f32, bias: usize, relu: bool): void {
  v128.store(c, finish(value, c, alpha, beta, bias, relu));
}

/** Finishes and stores the first `columns` of four columns of one row, touching no others. */
// @ts-ignore: decorator
@inline
export function storePart(value: v128, c: usize, columns: i32, alpha: f32, beta: f32, bias: usize, relu: bool): void {
  if (columns >= 4) return storeVector(value, c, alpha, beta, bias, relu);
  // A constant address step keeps "no bias" (0) at 0.
  const step: usize = bias != 0 ? 4 : 0;
  if (columns > 0) storeElement(f32x4.extract_lane(value, 0), c, alpha, beta, bias, relu);
  if (columns > 1) storeElement(f32x4.extract_lane(value, 1), c + 4, alpha, beta, bias + step, relu);
  if (columns > 2) storeElement(f32x4.extract_lane(value, 2), c + 8, alpha, beta, bias + 2 * step, relu);
}

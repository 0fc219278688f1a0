/** a·b + c: fused where the build has relaxed SIMD, else rounded twice. */
// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** c − a·b, as `multiplyAdd`. */
// @ts-ignore: decorator
@inline
export function negativeMultiplyAdd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_nmadd(a, b, c) : f32x4.sub(c, f32x4.mul(a, b));
}

/**
 * The first `count` floats (1 … 3) at `at`, zeros above. With `storePartial` it lets the tail of an array go through the
 * same vector code as its body, so that an element's bits do not depend on its position.
 */
// @ts-ignore: decorator
@inline
export function loadPartial(at: usize, count: usize): v128 {
  let lanes = v128.load32_zero(at);
  if (count > 1) lanes = v128.load32_lane(at, lanes, 1, 4);
  if (count > 2) lanes = v128.load32_lane(at, lanes, 2, 8);
  return lanes;
}

/** Stores the first `count` floats (1 … 3) of `lanes`. */
// @ts-ignore: decorator
@inline
export function storePartial(at: usize, lanes: v128, count: usize): void {
  v128.store32_lane(at, lanes, 0);
  if (count > 1) v128.store32_lane(at, lanes, 1, 4);
  if (count > 2) v128.store32_lane(at, lanes, 2, 8);
}

/** (a₀ + a₂) + (a₁ + a₃). */
// @ts-ignore: decorator
@inline
export function sumLanes(a: v128): f32 {
  const pairs = f32x4.add(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** All bits set in the first `count` lanes (0 … 4), none above. */
// @ts-ignore: decorator
@inline
export function laneMask(count: usize): v128 {
  return i32x4.gt_s(i32x4.splat(<i32>count), i32x4(0, 1, 2, 3));
}

/** The largest lane; NaN lanes may be passed over. */
// @ts-ignore: decorator
@inline
export function maximumLane(a: v128): f32 {
  const pairs = f32x4.pmax(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmax(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2)), 0);
}

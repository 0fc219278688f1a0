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
 * The first `count` floats at `at`, four at most, zeros above; reads no others. With `storePartial` it lets the tail of an array go
 * through the same vector code as its body, so that an element's bits do not depend on its position.
 */
// @ts-ignore: decorator
@inline
export function loadPartial(at: usize, count: isize): v128 {
  if (count >= 4) return v128.load(at);
  if (count == 3) return v128.load32_lane(at, v128.load64_zero(at), 2, 8);
  if (count == 2) return v128.load64_zero(at);
  return count == 1 ? v128.load32_zero(at) : f32x4.splat(0);
}

/** Stores the first `count` floats of `lanes`, four at most. */
// @ts-ignore: decorator
@inline
export function storePartial(at: usize, lanes: v128, count: isize): void {
  if (count >= 4) return v128.store(at, lanes);
  if (count > 0) v128.store32_lane(at, lanes, 0);
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

/** The lower two of four floats, in float64. */
// @ts-ignore: decorator
@inline
export function lowerAsF64(a: v128): v128 {
  return f64x2.promote_low_f32x4(a);
}

/** The upper two of four floats, in float64. */
// @ts-ignore: decorator
@inline
export function upperAsF64(a: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(a, a, 2, 3, 2, 3));
}

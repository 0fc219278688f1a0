/** The first `count` floats at `from`, at most four, then zeros; reads no others. */
// @ts-ignore: decorator
@inline
export function loadPart(from: usize, count: i32): v128 {
  if (count >= 4) return v128.load(from);
  if (count == 3) return v128.load32_lane(from, v128.load64_zero(from), 2, 8);
  if (count == 2) return v128.load64_zero(from);
  if (count == 1) return v128.load32_zero(from);
  return f32x4.splat(0);
}

/** Stores the first `columns` of 8 floats. */
// @ts-ignore: decorator
@inline
export function storePart(to: usize, low: v128, high: v128, columns: i32): void {
  if (columns >= 4) {
    v128.store(to, low);
    to += 16;
    low = high;
    columns -= 4;
  }
  if (columns >= 4) v128.store(to, low);
  else {
    if (columns > 0) store<f32>(to, f32x4.extract_lane(low, 0));
    if (columns > 1) store<f32>(to, f32x4.extract_lane(low, 1), 4);
    if (columns > 2) store<f32>(to, f32x4.extract_lane(low, 2), 8);
  }
}

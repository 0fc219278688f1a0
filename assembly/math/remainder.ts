/** a − b·⌊a/b⌋ lane by lane, exactly, with the sign of b; NaN for b = 0 and infinite a. */
export function remainderOf(a: v128, b: v128): v128 {
  const first = remainder(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0));
  const second = remainder(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1));
  const third = remainder(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2));
  const fourth = remainder(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3));
  return f32x4.replace_lane(f32x4.replace_lane(f32x4.replace_lane(f32x4.splat(first), 1, second), 2, third), 3, fourth);
}

function remainder(a: f32, b: f32): f32 {
  const rest = a % b;
  return rest != 0 && rest < 0 != b < 0 ? rest + b : rest;
}

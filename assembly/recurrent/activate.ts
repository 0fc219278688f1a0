import { hyperbolicTangent, sigmoidWithin16 } from "../math/sigmoidal";
import { loadLanes, storeLanes } from "./cell";

/** What `activate` computes. */
export const enum Activation {
  sigmoid,
  tanh,
  relu,
}

/** f(x + z) of `count` floats, or f(x) where z is 0. `to` may be one of them. A loop for each f keeps its constants in registers. */
export function activate(f: Activation, x: usize, z: usize, to: usize, count: i32): void {
  if (f == Activation.sigmoid) activateBy(Activation.sigmoid, x, z, to, count);
  else if (f == Activation.tanh) activateBy(Activation.tanh, x, z, to, count);
  else activateBy(Activation.relu, x, z, to, count);
}

// @ts-ignore: decorator
@inline
function activateBy(f: Activation, x: usize, z: usize, to: usize, count: i32): void {
  for (let lanes = 4; count > 0; count -= lanes) {
    const isWhole = count >= 4;
    if (!isWhole) lanes = 1;
    let sum = loadLanes(x, isWhole);
    if (z != 0) sum = f32x4.add(sum, loadLanes(z, isWhole));
    // pmax(x, 0) is `x < 0 ? 0 : x`, which keeps NaN.
    const y =
      f == Activation.sigmoid
        ? sigmoidLanes(sum)
        : f == Activation.tanh
          ? hyperbolicTangent(sum)
          : f32x4.pmax(sum, f32x4.splat(0));
    storeLanes(to, y, isWhole);
    const bytes = (<usize>lanes) << 2;
    x += bytes;
    if (z != 0) z += bytes;
    to += bytes;
  }
}

/**
 * 1 / (1 + e⁻ˣ) to 2 ulp, 0 where that is denormal: below −16, where one ulp would ask for another form, a gate is as good as shut.
 * NaN stays NaN.
 */
// @ts-ignore: decorator
@inline
function sigmoidLanes(x: v128): v128 {
  // pmax(x, c) is `x < c ? c : x`, which keeps NaN.
  const clamped = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-87)), f32x4.splat(87));
  return v128.andnot(sigmoidWithin16(clamped), f32x4.lt(x, f32x4.splat(-87)));
}

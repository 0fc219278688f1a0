// Elementwise functions and a sum as one would write them by hand, each one loop: what pointwise programs are measured by.
import { hyperbolicTangent } from "../../assembly/math/sigmoidal";

/** y = GELU(x) by its tanh formula. */
export function gelu(x: usize, y: usize, bytes: usize): void {
  for (let offset: usize = 0; offset < bytes; offset += 16) {
    const v = v128.load(x + offset);
    const cube = f32x4.mul(f32x4.mul(f32x4.mul(v, v), v), f32x4.splat(0.044715));
    const tanh = hyperbolicTangent(f32x4.mul(f32x4.add(v, cube), f32x4.splat(0.7978845608)));
    v128.store(y + offset, f32x4.mul(f32x4.mul(v, f32x4.splat(0.5)), f32x4.add(f32x4.splat(1), tanh)));
  }
}

/** y = a·b·½ + b. */
export function three(a: usize, b: usize, y: usize, bytes: usize): void {
  const half = f32x4.splat(0.5);
  for (let offset: usize = 0; offset < bytes; offset += 32) {
    const first = v128.load(b + offset);
    const second = v128.load(b + offset, 16);
    const one = f32x4.add(f32x4.mul(f32x4.mul(v128.load(a + offset), first), half), first);
    const other = f32x4.add(f32x4.mul(f32x4.mul(v128.load(a + offset, 16), second), half), second);
    v128.store(y + offset, one);
    v128.store(y + offset, other, 16);
  }
}

/** A sum that does nothing but read: eight chains. */
export function read(x: usize, bytes: usize): f32 {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let e = a;
  let f = a;
  let g = a;
  let h = a;
  for (let end = x + bytes; x < end; x += 128) {
    a = f32x4.add(a, v128.load(x));
    b = f32x4.add(b, v128.load(x, 16));
    c = f32x4.add(c, v128.load(x, 32));
    d = f32x4.add(d, v128.load(x, 48));
    e = f32x4.add(e, v128.load(x, 64));
    f = f32x4.add(f, v128.load(x, 80));
    g = f32x4.add(g, v128.load(x, 96));
    h = f32x4.add(h, v128.load(x, 112));
  }
  const sum = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
  return (
    f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3)
  );
}

export function copy(from: usize, to: usize, bytes: usize): void {
  memory.copy(to, from, bytes);
}

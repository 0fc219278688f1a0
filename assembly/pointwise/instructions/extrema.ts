import { binary, Operands, ternary } from "../operands";


@unmanaged
class Minimum {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    // pmin(a, b) is `b < a ? b : a`, which passes over a NaN in b.
    return v128.or(f32x4.pmin(a, b), f32x4.ne(b, b));
  }
}

/** y = the smaller; of equal ones a; NaN if one is. */
export function minimum(at: Operands): void {
  binary<Minimum>(at);
}


@unmanaged
class Maximum {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.or(f32x4.pmax(a, b), f32x4.ne(b, b));
  }
}

/** y = the larger; of equal ones a; NaN if one is. */
export function maximum(at: Operands): void {
  binary<Maximum>(at);
}


@unmanaged
class Clamp {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128, c: v128): v128 {
    return f32x4.pmin(f32x4.pmax(a, b), c);
  }
}

/** y = a between b and c; NaN stays NaN. */
export function clamp(at: Operands): void {
  ternary<Clamp>(at);
}

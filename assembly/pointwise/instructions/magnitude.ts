import { Operands, unaryLight } from "../operands";


@unmanaged
class Negate {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return f32x4.neg(a);
  }
}

/** y = −a. */
export function negate(at: Operands): void {
  unaryLight<Negate>(at);
}


@unmanaged
class Abs {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return f32x4.abs(a);
  }
}

/** y = |a|. */
export function abs(at: Operands): void {
  unaryLight<Abs>(at);
}


@unmanaged
class Sign {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    const one = f32x4.splat(1);
    const zero = f32x4.splat(0);
    return f32x4.sub(v128.and(one, f32x4.gt(a, zero)), v128.and(one, f32x4.lt(a, zero)));
  }
}

/** y = 1, 0 or −1; 0 for NaN. */
export function sign(at: Operands): void {
  unaryLight<Sign>(at);
}

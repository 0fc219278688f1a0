import { power } from "../../math/power";
import { binaryHeavy, Operands, unaryLight } from "../operands";


@unmanaged
class Sqrt {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return f32x4.sqrt(a);
  }
}

/** y = √a. */
export function sqrt(at: Operands): void {
  unaryLight<Sqrt>(at);
}


@unmanaged
class Rsqrt {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return f32x4.div(f32x4.splat(1), f32x4.sqrt(a));
  }
}

/** y = 1/√a. */
export function rsqrt(at: Operands): void {
  unaryLight<Rsqrt>(at);
}


@unmanaged
class Reciprocal {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return f32x4.div(f32x4.splat(1), a);
  }
}

/** y = 1/a. */
export function reciprocal(at: Operands): void {
  unaryLight<Reciprocal>(at);
}


@unmanaged
class Pow {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return power(a, b);
  }
}

/** y = aᵇ. */
export function pow(at: Operands): void {
  binaryHeavy<Pow>(at);
}

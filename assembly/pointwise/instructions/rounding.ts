import { Operands, unaryLight } from "../operands";


@unmanaged
class Floor {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return f32x4.floor(a);
  }
}

/** y = ⌊a⌋. */
export function floor(at: Operands): void {
  unaryLight<Floor>(at);
}


@unmanaged
class Ceil {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return f32x4.ceil(a);
  }
}

/** y = ⌈a⌉. */
export function ceil(at: Operands): void {
  unaryLight<Ceil>(at);
}


@unmanaged
class Round {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return f32x4.nearest(a);
  }
}

/** y = the nearest integer, of two the even one. */
export function round(at: Operands): void {
  unaryLight<Round>(at);
}

import { binary, Operands, unaryLight } from "../operands";


@unmanaged
class AddIntegers {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.add(a, b);
  }
}

/** y = a + b, of int32, modulo 2³². */
export function addIntegers(at: Operands): void {
  binary<AddIntegers>(at);
}


@unmanaged
class SubtractIntegers {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.sub(a, b);
  }
}

/** y = a − b, of int32, modulo 2³². */
export function subtractIntegers(at: Operands): void {
  binary<SubtractIntegers>(at);
}


@unmanaged
class MultiplyIntegers {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.mul(a, b);
  }
}

/** y = a·b, of int32, modulo 2³². */
export function multiplyIntegers(at: Operands): void {
  binary<MultiplyIntegers>(at);
}


@unmanaged
class MinimumIntegers {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.min_s(a, b);
  }
}

/** y = the smaller of two int32. */
export function minimumIntegers(at: Operands): void {
  binary<MinimumIntegers>(at);
}


@unmanaged
class MaximumIntegers {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.max_s(a, b);
  }
}

/** y = the larger of two int32. */
export function maximumIntegers(at: Operands): void {
  binary<MaximumIntegers>(at);
}


@unmanaged
class AbsIntegers {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return i32x4.abs(a);
  }
}

/** y = |a| of int32, modulo 2³². */
export function absIntegers(at: Operands): void {
  unaryLight<AbsIntegers>(at);
}


@unmanaged
class SignIntegers {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return i32x4.max_s(i32x4.min_s(a, i32x4.splat(1)), i32x4.splat(-1));
  }
}

/** y = 1, 0 or −1, of int32. */
export function signIntegers(at: Operands): void {
  unaryLight<SignIntegers>(at);
}

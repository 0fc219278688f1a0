import { binary, Operands, ternary, unaryLight } from "../operands";


@unmanaged
class And {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.and(a, b);
  }
}

/** y = a and b, of truth values. */
export function and(at: Operands): void {
  binary<And>(at);
}


@unmanaged
class Or {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.or(a, b);
  }
}

/** y = a or b, of truth values. */
export function or(at: Operands): void {
  binary<Or>(at);
}


@unmanaged
class Xor {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.xor(a, b);
  }
}

/** y = whether one of two truth values is true. */
export function xor(at: Operands): void {
  binary<Xor>(at);
}


@unmanaged
class Not {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return v128.not(a);
  }
}

/** y = not a, of truth values. */
export function not(at: Operands): void {
  unaryLight<Not>(at);
}


@unmanaged
class Select {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128, c: v128): v128 {
    return v128.bitselect(b, c, a);
  }
}

/** y = b where a is true, else c. */
export function select(at: Operands): void {
  ternary<Select>(at);
}

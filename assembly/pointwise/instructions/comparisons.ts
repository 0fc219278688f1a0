import { binary, Operands, unaryLight } from "../operands";


@unmanaged
class Equal {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.eq(a, b);
  }
}

/** y = whether a = b. */
export function equal(at: Operands): void {
  binary<Equal>(at);
}


@unmanaged
class NotEqual {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.ne(a, b);
  }
}

/** y = whether a ≠ b. */
export function notEqual(at: Operands): void {
  binary<NotEqual>(at);
}


@unmanaged
class Less {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.lt(a, b);
  }
}

/** y = whether a < b. */
export function less(at: Operands): void {
  binary<Less>(at);
}


@unmanaged
class LessEqual {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.le(a, b);
  }
}

/** y = whether a ≤ b. */
export function lessEqual(at: Operands): void {
  binary<LessEqual>(at);
}


@unmanaged
class EqualIntegers {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.eq(a, b);
  }
}

/** y = whether a = b, of int32 or truth values. */
export function equalIntegers(at: Operands): void {
  binary<EqualIntegers>(at);
}


@unmanaged
class NotEqualIntegers {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.ne(a, b);
  }
}

/** y = whether a ≠ b, of int32 or truth values. */
export function notEqualIntegers(at: Operands): void {
  binary<NotEqualIntegers>(at);
}


@unmanaged
class LessIntegers {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.lt_s(a, b);
  }
}

/** y = whether a < b, of int32. */
export function lessIntegers(at: Operands): void {
  binary<LessIntegers>(at);
}


@unmanaged
class LessEqualIntegers {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.le_s(a, b);
  }
}

/** y = whether a ≤ b, of int32. */
export function lessEqualIntegers(at: Operands): void {
  binary<LessEqualIntegers>(at);
}


@unmanaged
class IsFinite {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return f32x4.lt(f32x4.abs(a), f32x4.splat(Infinity));
  }
}

/** y = whether a float32 is neither NaN nor infinite. */
export function isFinite(at: Operands): void {
  unaryLight<IsFinite>(at);
}

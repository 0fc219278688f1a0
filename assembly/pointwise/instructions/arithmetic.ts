import { binary, Operands, ternary, unaryLight } from "../operands";


@unmanaged
class Add {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.add(a, b);
  }
}

/** y = a + b. */
export function add(at: Operands): void {
  binary<Add>(at);
}


@unmanaged
class Subtract {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.sub(a, b);
  }
}

/** y = a − b. */
export function subtract(at: Operands): void {
  binary<Subtract>(at);
}


@unmanaged
class Multiply {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.mul(a, b);
  }
}

/** y = a·b. */
export function multiply(at: Operands): void {
  binary<Multiply>(at);
}


@unmanaged
class Divide {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.div(a, b);
  }
}

/** y = a/b. */
export function divide(at: Operands): void {
  binary<Divide>(at);
}


@unmanaged
class Relu {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    // `x < 0 ? 0 : x`, which keeps NaN and −0.
    return f32x4.pmax(a, f32x4.splat(0));
  }
}

/** y = max(a, 0); NaN stays NaN. */
export function relu(at: Operands): void {
  unaryLight<Relu>(at);
}


@unmanaged
class ReluBackward {
  // @ts-ignore: decorator
  @inline
  apply(y: v128, dy: v128): v128 {
    return v128.andnot(dy, f32x4.le(y, f32x4.splat(0)));
  }
}

/** dx = dy where y > 0, or is NaN, else 0; y is the output. */
export function reluBackward(at: Operands): void {
  binary<ReluBackward>(at);
}


@unmanaged
class MultiplyAdd {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128, c: v128): v128 {
    return f32x4.add(f32x4.mul(a, b), c);
  }
}

/** y = a·b + c, rounded twice in every build: what a multiplication and the addition of its result give. */
export function multiplyAdd(at: Operands): void {
  ternary<MultiplyAdd>(at);
}

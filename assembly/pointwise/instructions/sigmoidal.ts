import { hyperbolicTangent, isWithin16, sigmoidOf, sigmoidWithin16 } from "../../math/sigmoidal";
import { binary, Operands, unary, unaryChecked } from "../operands";


@unmanaged
class Sigmoid {
  // @ts-ignore: decorator
  @inline
  isOrdinary(a: v128): v128 {
    return isWithin16(a);
  }
  // @ts-ignore: decorator
  @inline
  applyOrdinary(a: v128): v128 {
    return sigmoidWithin16(a);
  }
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return sigmoidOf(a);
  }
}

/** y = 1 / (1 + e⁻ᵃ). */
export function sigmoid(at: Operands): void {
  unaryChecked<Sigmoid>(at);
}


@unmanaged
class SigmoidBackward {
  // @ts-ignore: decorator
  @inline
  apply(y: v128, dy: v128): v128 {
    return f32x4.mul(dy, f32x4.mul(y, f32x4.sub(f32x4.splat(1), y)));
  }
}

/** The gradient of sigmoid: dx = dy·y·(1 − y), from its output y. */
export function sigmoidBackward(at: Operands): void {
  binary<SigmoidBackward>(at);
}


@unmanaged
class Tanh {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return hyperbolicTangent(a);
  }
}

/** y = tanh a. */
export function tanh(at: Operands): void {
  unary<Tanh>(at);
}


@unmanaged
class TanhBackward {
  // @ts-ignore: decorator
  @inline
  apply(y: v128, dy: v128): v128 {
    // (1 − y)(1 + y) rather than 1 − y², which loses what is left of it near ±1.
    return f32x4.mul(dy, f32x4.mul(f32x4.sub(f32x4.splat(1), y), f32x4.add(f32x4.splat(1), y)));
  }
}

/** The gradient of tanh: dx = dy·(1 − y²), from its output y. */
export function tanhBackward(at: Operands): void {
  binary<TanhBackward>(at);
}

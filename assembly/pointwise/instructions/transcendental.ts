import { errorFunction } from "../../math/errorFunction";
import { exponential, exponentialOfNegative, exponentialWithin87, isWithin87 } from "../../math/exponential";
import { isNormal, logarithm, logarithmOfNormal } from "../../math/logarithm";
import { binaryHeavy, Operands, unary, unaryChecked } from "../operands";


@unmanaged
class Exp {
  // @ts-ignore: decorator
  @inline
  isOrdinary(a: v128): v128 {
    return isWithin87(a);
  }
  // @ts-ignore: decorator
  @inline
  applyOrdinary(a: v128): v128 {
    return exponentialWithin87(a);
  }
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return exponential(a);
  }
}

/** y = eᵃ. */
export function exp(at: Operands): void {
  unaryChecked<Exp>(at);
}


@unmanaged
class Log {
  // @ts-ignore: decorator
  @inline
  isOrdinary(a: v128): v128 {
    return isNormal(a);
  }
  // @ts-ignore: decorator
  @inline
  applyOrdinary(a: v128): v128 {
    return logarithmOfNormal(a);
  }
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return logarithm(a);
  }
}

/** y = ln a. */
export function log(at: Operands): void {
  unaryChecked<Log>(at);
}


@unmanaged
class Erf {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return errorFunction(a);
  }
}

/** y = erf a. */
export function erf(at: Operands): void {
  unary<Erf>(at);
}


@unmanaged
class ErfBackward {
  // @ts-ignore: decorator
  @inline
  apply(x: v128, dy: v128): v128 {
    return f32x4.mul(dy, f32x4.mul(f32x4.splat(1.1283792), exponentialOfNegative(f32x4.neg(f32x4.mul(x, x)))));
  }
}

/** The gradient of erf: dx = dy·2/√π·e^−x². */
export function erfBackward(at: Operands): void {
  binaryHeavy<ErfBackward>(at);
}

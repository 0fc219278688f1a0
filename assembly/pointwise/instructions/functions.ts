import { exponentialMinusOne, logarithmOnePlus } from "../../math/nearOne";
import { cosine, sine } from "../../math/trigonometry";
import { Operands, unary } from "../operands";


@unmanaged
class Log1p {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return logarithmOnePlus(a);
  }
}

/** y = ln(1 + a). */
export function log1p(at: Operands): void {
  unary<Log1p>(at);
}


@unmanaged
class Expm1 {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return exponentialMinusOne(a);
  }
}

/** y = eᵃ − 1. */
export function expm1(at: Operands): void {
  unary<Expm1>(at);
}


@unmanaged
class Sin {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return sine(a);
  }
}

/** y = sin a. */
export function sin(at: Operands): void {
  unary<Sin>(at);
}


@unmanaged
class Cos {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return cosine(a);
  }
}

/** y = cos a. */
export function cos(at: Operands): void {
  unary<Cos>(at);
}

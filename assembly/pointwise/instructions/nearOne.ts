import { exponentialMinusOne, logarithmOnePlus } from "../../math/nearOne";
import { Operands, unaryHeavy } from "../operands";


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
  unaryHeavy<Log1p>(at);
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
  unaryHeavy<Expm1>(at);
}

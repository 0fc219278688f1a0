import {
  exponentialMinusOne,
  exponentialMinusOneUpTo60,
  isAboveMinusOne,
  isUpTo60,
  logarithmOnePlus,
  logarithmOnePlusOrdinary,
} from "../../math/nearOne";
import { Operands, unaryChecked } from "../operands";


@unmanaged
class Log1p {
  // @ts-ignore: decorator
  @inline
  isOrdinary(a: v128): v128 {
    return isAboveMinusOne(a);
  }
  // @ts-ignore: decorator
  @inline
  applyOrdinary(a: v128): v128 {
    return logarithmOnePlusOrdinary(a);
  }
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return logarithmOnePlus(a);
  }
}

/** y = ln(1 + a). */
export function log1p(at: Operands): void {
  unaryChecked<Log1p>(at);
}


@unmanaged
class Expm1 {
  // @ts-ignore: decorator
  @inline
  isOrdinary(a: v128): v128 {
    return isUpTo60(a);
  }
  // @ts-ignore: decorator
  @inline
  applyOrdinary(a: v128): v128 {
    return exponentialMinusOneUpTo60(a);
  }
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return exponentialMinusOne(a);
  }
}

/** y = eᵃ − 1. */
export function expm1(at: Operands): void {
  unaryChecked<Expm1>(at);
}

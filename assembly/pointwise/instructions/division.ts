import { floorOfQuotient, floorOfQuotientOfIntegers, remainderOf, remainderOfIntegers } from "../../math/remainder";
import { binaryHeavy, Operands } from "../operands";


@unmanaged
class Remainder {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return remainderOf(a, b);
  }
}

/** y = a − b·⌊a/b⌋, exactly: with the sign of b. */
export function remainder(at: Operands): void {
  binaryHeavy<Remainder>(at);
}


@unmanaged
class RemainderIntegers {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return remainderOfIntegers(a, b);
  }
}

/** y = a − b·⌊a/b⌋ of int32; 0 for b = 0. */
export function remainderIntegers(at: Operands): void {
  binaryHeavy<RemainderIntegers>(at);
}


@unmanaged
class FloorDivide {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return floorOfQuotient(a, b);
  }
}

/** y = ⌊a/b⌋, rounded once. */
export function floorDivide(at: Operands): void {
  binaryHeavy<FloorDivide>(at);
}


@unmanaged
class FloorDivideIntegers {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return floorOfQuotientOfIntegers(a, b);
  }
}

/** y = ⌊a/b⌋ of int32; 0 for b = 0. */
export function floorDivideIntegers(at: Operands): void {
  binaryHeavy<FloorDivideIntegers>(at);
}

import { floatToHalf, halfToFloat } from "../../math/half";
import { binary, Operands, unary, unaryLight } from "../operands";


@unmanaged
class IntegerToFloat {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return f32x4.convert_i32x4_s(a);
  }
}

/** y = the float32 nearest to an int32. */
export function integerToFloat(at: Operands): void {
  unaryLight<IntegerToFloat>(at);
}


@unmanaged
class FloatToInteger {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return i32x4.trunc_sat_f32x4_s(a);
  }
}

/** y = a without its fraction, as the int32 nearest to that; 0 for NaN. */
export function floatToInteger(at: Operands): void {
  unaryLight<FloatToInteger>(at);
}


@unmanaged
class FloatToByte {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return v128.and(i32x4.trunc_sat_f32x4_s(a), i32x4.splat(255));
  }
}

/** y = the last eight bits of what `floatToInteger` gives. */
export function floatToByte(at: Operands): void {
  unaryLight<FloatToByte>(at);
}


@unmanaged
class MaskInteger {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.and(a, b);
  }
}

/** y = the bits that a and b share: of a truth value and a number, the number or 0; of an int32 and 255, its byte. */
export function maskInteger(at: Operands): void {
  binary<MaskInteger>(at);
}


@unmanaged
class IntegerToTruth {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return i32x4.ne(a, i32x4.splat(0));
  }
}

/** y = whether an int32 is not 0. */
export function integerToTruth(at: Operands): void {
  unaryLight<IntegerToTruth>(at);
}


@unmanaged
class FloatToTruth {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return f32x4.ne(a, f32x4.splat(0));
  }
}

/** y = whether a float32 is not 0; true for NaN. */
export function floatToTruth(at: Operands): void {
  unaryLight<FloatToTruth>(at);
}


@unmanaged
class RoundToHalf {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return halfToFloat(floatToHalf(a));
  }
}

/** y = the float16 nearest to a, as float32. */
export function roundToHalf(at: Operands): void {
  unary<RoundToHalf>(at);
}


@unmanaged
class IntegerToHalf {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return halfToFloat(floatToHalf(f32x4.convert_i32x4_s(a)));
  }
}

/** y = the float16 nearest to an int32, as float32. Rounding to float32 first changes nothing: what it rounds is Infinity. */
export function integerToHalf(at: Operands): void {
  unary<IntegerToHalf>(at);
}

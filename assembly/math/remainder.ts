import { lowerAsF64, upperAsF64 } from "./lanes";

/** Quotients below this: in float64 no quotient reaches an integer that the exact one does not, and products are exact. */
const largestOrdinary: f64 = 268435456;

/**
 * a − b·⌊a/b⌋, exact but for one rounding, with the sign of b, or of a if it is 0; NaN for b = 0 and infinite a. Where all quotients
 * are ordinary in float64, otherwise lane by lane.
 */
export function remainderOf(a: v128, b: v128): v128 {
  const low = f64x2.div(lowerAsF64(a), lowerAsF64(b));
  const high = f64x2.div(upperAsF64(a), upperAsF64(b));
  const limit = f64x2.splat(largestOrdinary);
  const ordinary = v128.and(f64x2.lt(f64x2.abs(low), limit), f64x2.lt(f64x2.abs(high), limit));
  const isFinite = f32x4.lt(f32x4.abs(b), f32x4.splat(Infinity));
  if (i64x2.bitmask(ordinary) != 3 || i32x4.bitmask(isFinite) != 15) return eachRemainder(a, b);
  const lowRest = f64x2.sub(lowerAsF64(a), f64x2.mul(f64x2.floor(low), lowerAsF64(b)));
  const highRest = f64x2.sub(upperAsF64(a), f64x2.mul(f64x2.floor(high), upperAsF64(b)));
  const rest = v128.shuffle<f32>(f32x4.demote_f64x2_zero(lowRest), f32x4.demote_f64x2_zero(highRest), 0, 1, 4, 5);
  return v128.bitselect(v128.and(a, f32x4.splat(-0.0)), rest, f32x4.eq(rest, f32x4.splat(0)));
}

function eachRemainder(a: v128, b: v128): v128 {
  const first = remainder(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0));
  const second = remainder(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1));
  const third = remainder(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2));
  const fourth = remainder(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3));
  return f32x4.replace_lane(f32x4.replace_lane(f32x4.replace_lane(f32x4.splat(first), 1, second), 2, third), 3, fourth);
}

function remainder(a: f32, b: f32): f32 {
  const rest = a % b;
  return rest != 0 && rest < 0 != b < 0 ? rest + b : rest;
}

/** a % b lane by lane with the sign of b; 0 for b = 0. */
export function remainderOfIntegers(a: v128, b: v128): v128 {
  const quotient = floorOfQuotientOfIntegers(a, b);
  return v128.andnot(i32x4.sub(a, i32x4.mul(quotient, b)), i32x4.eq(b, i32x4.splat(0)));
}

/**
 * ⌊a/b⌋, rounded once. The quotient in float64 does not reach an integer that the exact one does not, up to 2²⁸; above, float32 holds
 * no neighbour of it. a/b for b = 0, otherwise NaN for an infinite a; −1 for a finite a of the other sign than an infinite b.
 */
// @ts-ignore: decorator
@inline
export function floorOfQuotient(a: v128, b: v128): v128 {
  const low = f32x4.demote_f64x2_zero(f64x2.floor(f64x2.div(lowerAsF64(a), lowerAsF64(b))));
  const high = f32x4.demote_f64x2_zero(f64x2.floor(f64x2.div(upperAsF64(a), upperAsF64(b))));
  const floor = v128.shuffle<f32>(low, high, 0, 1, 4, 5);
  const zero = f32x4.splat(0);
  const infinity = f32x4.splat(Infinity);
  const isUndefined = v128.and(f32x4.eq(f32x4.abs(a), infinity), f32x4.ne(b, zero));
  const differ = v128.xor(f32x4.lt(a, zero), f32x4.lt(b, zero));
  const isBelowZero = v128.and(v128.and(f32x4.eq(f32x4.abs(b), infinity), f32x4.ne(a, zero)), differ);
  return v128.or(v128.bitselect(f32x4.splat(-1), floor, v128.and(isBelowZero, f32x4.eq(floor, zero))), isUndefined);
}

/** ⌊a/b⌋ of int32, exact in float64; 0 for b = 0. */
// @ts-ignore: decorator
@inline
export function floorOfQuotientOfIntegers(a: v128, b: v128): v128 {
  const upperA = v128.shuffle<i32>(a, a, 2, 3, 2, 3);
  const upperB = v128.shuffle<i32>(b, b, 2, 3, 2, 3);
  const low = f64x2.div(f64x2.convert_low_i32x4_s(a), f64x2.convert_low_i32x4_s(b));
  const high = f64x2.div(f64x2.convert_low_i32x4_s(upperA), f64x2.convert_low_i32x4_s(upperB));
  const quotient = v128.shuffle<i32>(
    i32x4.trunc_sat_f64x2_s_zero(f64x2.floor(low)),
    i32x4.trunc_sat_f64x2_s_zero(f64x2.floor(high)),
    0,
    1,
    4,
    5,
  );
  return v128.andnot(quotient, i32x4.eq(b, i32x4.splat(0)));
}

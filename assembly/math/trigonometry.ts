import { lowerAsF64, upperAsF64 } from "./lanes";

// x = k·π/2 + r with |r| ≤ π/4, r in float64. For ordinary x, π/2 is in two parts; k times the first (33 bits, from fdlibm's
// e_rem_pio2) is exact up to |k| = 2²⁰. For others the bits of 2/π that decide k mod 4 and r are multiplied with those of x (Payne
// and Hanek, 1983, in the form of N. Juffa's for float32). sin r and cos r by the polynomials of fdlibm's k_sinf and k_cosf.
const invertedHalfPi: f64 = 6.36619772367581382433e-1;
const halfPiHigh: f64 = 1.57079632673412561417;
const halfPiLow: f64 = 6.07710050650619224932e-11;
const halfPi: f64 = 1.57079632679489661923;
const largestOrdinary: f32 = 1e6;

/** sin x; NaN for infinities. */
export function sine(x: v128): v128 {
  // sin(−0) is −0.
  return v128.bitselect(x, sineOfShifted(x, 0), f32x4.eq(x, f32x4.splat(0)));
}

/** cos x; NaN for infinities. */
export function cosine(x: v128): v128 {
  return sineOfShifted(x, 1);
}

/** sin(x + quarters·π/2). */
function sineOfShifted(x: v128, quarters: i32): v128 {
  const isOrdinary = f32x4.lt(f32x4.abs(x), f32x4.splat(largestOrdinary));
  const ordinary = joined(sineOfOrdinary(lowerAsF64(x), quarters), sineOfOrdinary(upperAsF64(x), quarters));
  if (i32x4.bitmask(isOrdinary) == 15) return ordinary;
  const bits = v128.and(x, f32x4.ne(f32x4.abs(x), f32x4.splat(Infinity)));
  const low = sineOfPair(f32x4.extract_lane(bits, 0), f32x4.extract_lane(bits, 1), quarters);
  const high = sineOfPair(f32x4.extract_lane(bits, 2), f32x4.extract_lane(bits, 3), quarters);
  const large = v128.or(joined(low, high), f32x4.ne(f32x4.sub(x, x), f32x4.splat(0)));
  return v128.bitselect(ordinary, large, isOrdinary);
}

// @ts-ignore: decorator
@inline
function joined(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(low, high, 0, 1, 4, 5);
}

// @ts-ignore: decorator
@inline
function sineOfOrdinary(x: v128, quarters: i32): v128 {
  const k = f64x2.nearest(f64x2.mul(x, f64x2.splat(invertedHalfPi)));
  const r = f64x2.sub(f64x2.sub(x, f64x2.mul(k, f64x2.splat(halfPiHigh))), f64x2.mul(k, f64x2.splat(halfPiLow)));
  return sineOfReduced(r, i32x4.add(i32x4.trunc_sat_f64x2_s_zero(k), i32x4.splat(quarters)));
}

function sineOfPair(a: f32, b: f32, quarters: i32): v128 {
  const turnsA = turns(a);
  const turnsB = turns(b);
  const r = f64x2.replace_lane(f64x2.splat(remainderOfTurns(turnsA)), 1, remainderOfTurns(turnsB));
  const k = i32x4.replace_lane(i32x4.splat(quadrantOf(turnsA)), 1, quadrantOf(turnsB));
  return sineOfReduced(r, i32x4.add(k, i32x4.splat(quarters)));
}

/** x·2/π modulo 4 for |x| ≥ 1, as a fixed-point number with 62 bits behind the point. */
function turns(x: f32): u64 {
  const bits = reinterpret<u32>(x);
  const exponent = <i32>((bits >> 23) & 255) - 126;
  const fraction = (bits << 8) | 0x80000000;
  const word = exponent >> 5;
  const shift = exponent & 31;
  const high = wordFrom(word - 1, shift);
  const middle = wordFrom(word, shift);
  const low = wordFrom(word + 1, shift);
  const product = <u64>fraction * <u64>middle + ((<u64>fraction * <u64>low) >> 32) + ((<u64>(fraction * high)) << 32);
  return <i32>bits < 0 ? -product : product;
}

/** The nearest integer of turns, modulo 4. */
// @ts-ignore: decorator
@inline
function quadrantOf(turns: u64): i32 {
  return <i32>((turns + 0x2000000000000000) >> 62);
}

/** What is left of turns beyond that, as an angle. */
// @ts-ignore: decorator
@inline
function remainderOfTurns(turns: u64): f64 {
  return <f64>((<i64>(turns << 2)) >> 2) * (halfPi * 2.168404344971009e-19);
}

/** 32 bits of 2/π from bit 32·word + shift on. */
function wordFrom(word: i32, shift: i32): u32 {
  const first = bitsOfTwoOverPi(word);
  return shift == 0 ? first : (first << shift) | (bitsOfTwoOverPi(word + 1) >> (32 - shift));
}

function bitsOfTwoOverPi(word: i32): u32 {
  switch (word) {
    case 0:
      return 0x28be60db;
    case 1:
      return 0x9391054a;
    case 2:
      return 0x7f09d5f4;
    case 3:
      return 0x7d4d3770;
    case 4:
      return 0x36d8a566;
    case 5:
      return 0x4f10e410;
    default:
      return 0;
  }
}

/** sin(r + k·π/2) of two float64, in the lower two lanes. */
function sineOfReduced(r: v128, k: v128): v128 {
  const z = f64x2.mul(r, r);
  const w = f64x2.mul(z, z);
  const s = f64x2.mul(z, r);
  const sineTail = f64x2.add(f64x2.splat(-1.9839334836096632e-4), f64x2.mul(z, f64x2.splat(2.7183114939898219e-6)));
  const sineHead = f64x2.add(f64x2.splat(-1.6666666641626524e-1), f64x2.mul(z, f64x2.splat(8.3333293858894632e-3)));
  const ofSine = f64x2.add(f64x2.add(r, f64x2.mul(s, sineHead)), f64x2.mul(f64x2.mul(s, w), sineTail));
  const cosineTail = f64x2.add(f64x2.splat(-1.3886763774609929e-3), f64x2.mul(z, f64x2.splat(2.4390448796277409e-5)));
  const cosineHead = f64x2.add(f64x2.splat(1), f64x2.mul(z, f64x2.splat(-4.99999997251031e-1)));
  const ofCosine = f64x2.add(
    f64x2.add(cosineHead, f64x2.mul(w, f64x2.splat(4.1666623323739063e-2))),
    f64x2.mul(f64x2.mul(w, z), cosineTail),
  );
  const isOdd = i32x4.ne(v128.and(k, i32x4.splat(1)), i32x4.splat(0));
  const sign = i32x4.shl(v128.and(k, i32x4.splat(2)), 30);
  const value = v128.bitselect(f32x4.demote_f64x2_zero(ofCosine), f32x4.demote_f64x2_zero(ofSine), isOdd);
  return v128.xor(value, sign);
}

// Random numbers from a counter: element i of stream s at step t gets a number that depends on (seed, t, s, i) alone, so
// threads need no state and backward can draw the same numbers again. Each is the counter i passed through a keyed
// variant of the 32-bit mixing function of Wellons and others (github.com/skeeto/hash-prospector, "16 21f0aaad 15 d35a2d97
// 15", bias 0.107 of an ideal function's 0), the best known one of two multiplications. The key enters twice, before the
// first and between the multiplications: were it only added to the counter, two streams would be shifted copies of each
// other. It has two multiplications for four numbers, where Philox4x32-7 has 28 widening ones for sixteen; the tests hold it to uniformity and to independence of
// neighbouring elements, steps and streams, which is all that dropout asks.

// @ts-ignore: decorator
@inline
function mix(value: u32): u32 {
  value ^= value >> 16;
  value *= 0x21f0aaad;
  value ^= value >> 15;
  value *= 0xd35a2d97;
  return value ^ (value >> 15);
}

/** The first key of a stream; `mix(key + …)` gives the second. */
// @ts-ignore: decorator
@inline
export function firstKey(seed: u32, step: u32, stream: u32): u32 {
  return mix(mix(mix(seed + 0x9e3779b9) + step) + stream * 0x85ebca6b + 0x6a09e667);
}

// @ts-ignore: decorator
@inline
export function secondKey(firstKey: u32): u32 {
  return mix(firstKey + 0xbb67ae85);
}

/** Four random 32-bit numbers for four counters. */
// @ts-ignore: decorator
@inline
export function randomLanes(counters: v128, firstKey: v128, secondKey: v128): v128 {
  let value = v128.xor(counters, firstKey);
  value = v128.xor(value, i32x4.shr_u(value, 16));
  value = v128.xor(i32x4.mul(value, i32x4.splat(0x21f0aaad)), secondKey);
  value = v128.xor(value, i32x4.shr_u(value, 15));
  value = i32x4.mul(value, i32x4.splat(<i32>0xd35a2d97));
  return v128.xor(value, i32x4.shr_u(value, 15));
}

/** Elements for which one call of the generator makes words. */
export const DROPOUT_GROUP: i32 = 16;

// Constants of Philox4x32 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011, §3.3 and table 2).
const multiplier0: u32 = 0xd2511f53;
const multiplier1: u32 = 0xcd9e8d57;
const weyl0: u32 = 0x9e3779b9;
const weyl1: u32 = 0xbb67ae85;
const rounds: i32 = 10;

/**
 * Sixteen elements y = a · scale where a random word is at least a threshold, else 0. y may be a. The words follow from
 * (seed, step, stream, counter) alone.
 *
 * Philox4x32-10 on four counters at once: lane l of c0 … c3 is the counter (counter + l, step, stream, 0), and lane l of result word w
 * decides element 4·w + l.
 */
// @ts-ignore: decorator
@inline
export function dropSixteen(
  from: usize,
  y: usize,
  counter: i32,
  seed: u32,
  step: v128,
  stream: v128,
  threshold: v128,
  scale: v128,
): void {
  const m0 = i32x4.splat(multiplier0);
  const m1 = i32x4.splat(multiplier1);
  let c0 = i32x4.add(i32x4.splat(counter), i32x4(0, 1, 2, 3));
  let c1 = step;
  let c2 = stream;
  let c3 = i32x4.splat(0);
  let k0 = seed;
  let k1: u32 = 0;
  for (let round = 0; round < rounds; round++) {
    const high0 = highWords(m0, c0);
    const high1 = highWords(m1, c2);
    const low0 = i32x4.mul(m0, c0);
    const low1 = i32x4.mul(m1, c2);
    c0 = v128.xor(v128.xor(high1, c1), i32x4.splat(k0));
    c1 = low1;
    c2 = v128.xor(v128.xor(high0, c3), i32x4.splat(k1));
    c3 = low0;
    k0 += weyl0;
    k1 += weyl1;
  }
  // A dropped element is multiplied by 0, so that NaN stays NaN.
  v128.store(y, f32x4.mul(v128.load(from), v128.and(scale, i32x4.ge_u(c0, threshold))));
  v128.store(y, f32x4.mul(v128.load(from, 16), v128.and(scale, i32x4.ge_u(c1, threshold))), 16);
  v128.store(y, f32x4.mul(v128.load(from, 32), v128.and(scale, i32x4.ge_u(c2, threshold))), 32);
  v128.store(y, f32x4.mul(v128.load(from, 48), v128.and(scale, i32x4.ge_u(c3, threshold))), 48);
}

/** The upper 32 bits of the 64-bit products of four unsigned lanes. */
// @ts-ignore: decorator
@inline
function highWords(a: v128, b: v128): v128 {
  return i32x4.shuffle(i64x2.extmul_low_i32x4_u(a, b), i64x2.extmul_high_i32x4_u(a, b), 1, 3, 5, 7);
}

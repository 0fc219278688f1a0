import { shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";

/**
 * y = x · scale where a random word is at least `threshold`, else 0, over `count` floats; y may be x. Forward and backward
 * are this same kernel: the words follow from (seed, step, stream, element) alone, so that nothing is stored between
 * them and the result does not depend on the number of threads. `seed` and `step` point to u32.
 */
@unmanaged
export class DropoutRecord extends KernelRecord {
  x: usize;
  y: usize;
  seed: usize;
  step: usize;
  count: i32;
  stream: u32;
  /** p · 2³². */
  threshold: u32;
  scale: f32;
}

/** Elements for which one call of the generator makes words. */
const group: i32 = 16;

// Constants of Philox4x32 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011, §3.3 and table 2).
const multiplier0: u32 = 0xd2511f53;
const multiplier1: u32 = 0xcd9e8d57;
const weyl0: u32 = 0x9e3779b9;
const weyl1: u32 = 0xbb67ae85;
const rounds: i32 = 10;

/**
 * Philox4x32-10 on four counters at once: lane l of c0 … c3 is counter (4·g + l, step, stream, 0) for group g of 16
 * elements, and lane l of result word w decides element 16·g + 4·w + l.
 */
export function dropout(record: DropoutRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.x | record.y));
  assert(record.count >= 0);
  const first = shareStart(record.count, group, thread, threads);
  const end = shareEnd(record.count, group, thread, threads);
  const seed = load<u32>(record.seed);
  const step = i32x4.splat(load<u32>(record.step));
  const stream = i32x4.splat(record.stream);
  const threshold = i32x4.splat(record.threshold);
  const scale = f32x4.splat(record.scale);
  const m0 = i32x4.splat(multiplier0);
  const m1 = i32x4.splat(multiplier1);
  for (let element = first; element < end; element += group) {
    let c0 = i32x4.add(i32x4.splat(element >> 2), i32x4(0, 1, 2, 3));
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
    const x = record.x + ((<usize>element) << 2);
    const y = record.y + ((<usize>element) << 2);
    const left = end - element;
    apply(x, y, c0, threshold, scale, left);
    apply(x + 16, y + 16, c1, threshold, scale, left - 4);
    apply(x + 32, y + 32, c2, threshold, scale, left - 8);
    apply(x + 48, y + 48, c3, threshold, scale, left - 12);
  }
}

/** The upper 32 bits of the 64-bit products of four unsigned lanes. */
// @ts-ignore: decorator
@inline
function highWords(a: v128, b: v128): v128 {
  return i32x4.shuffle(i64x2.extmul_low_i32x4_u(a, b), i64x2.extmul_high_i32x4_u(a, b), 1, 3, 5, 7);
}

/** Keeps or drops the first `left` of four elements: a dropped one is multiplied by 0, so that NaN stays NaN. */
// @ts-ignore: decorator
@inline
function apply(x: usize, y: usize, words: v128, threshold: v128, scale: v128, left: i32): void {
  const factors = v128.and(scale, i32x4.ge_u(words, threshold));
  if (left >= 4) {
    v128.store(y, f32x4.mul(v128.load(x), factors));
    return;
  }
  if (left > 0) store<f32>(y, load<f32>(x) * f32x4.extract_lane(factors, 0));
  if (left > 1) store<f32>(y, load<f32>(x, 4) * f32x4.extract_lane(factors, 1), 4);
  if (left > 2) store<f32>(y, load<f32>(x, 8) * f32x4.extract_lane(factors, 2), 8);
}

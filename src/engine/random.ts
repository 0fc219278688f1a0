import { checkInteger } from "./errors.js";

/**
 * xoshiro128** 1.1 (Blackman, Vigna, "Scrambled linear pseudorandom number generators", 2021), seeded by splitmix32.
 * Only integer and correctly rounded operations, so that a seed gives the same bits in every JavaScript engine.
 */
export class Random {
  private readonly state = new Uint32Array(4);

  /** @param seed an integer from 0 to 2^32 − 1 */
  constructor(seed: number) {
    let x = checkInteger("seed", seed, 0, 0xffffffff);
    for (let i = 0; i < 4; i++) {
      x = (x + 0x9e3779b9) | 0;
      let z = x ^ (x >>> 16);
      z = Math.imul(z, 0x21f0aaad);
      z ^= z >>> 15;
      z = Math.imul(z, 0x735a2d97);
      this.state[i] = z ^ (z >>> 15);
    }
  }

  /** Calls `draw`; if it throws, this generator goes on as if nothing had been drawn. @internal */
  transaction<T>(draw: () => T): T {
    const before = this.state.slice();
    try {
      return draw();
    } catch (error) {
      this.state.set(before);
      throw error;
    }
  }

  /** An integer from 0 to 2^32 − 1. */
  uint32(): number {
    const s = this.state;
    const [a, b, c, d] = s as unknown as [number, number, number, number];
    const scrambled = Math.imul(b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    s[2] = c ^ a;
    s[3] = d ^ b;
    s[1] = b ^ c ^ a;
    s[0] = a ^ d ^ b;
    s[2] = c ^ a ^ (b << 9);
    const rotated = d ^ b;
    s[3] = (rotated << 11) | (rotated >>> 21);
    return result;
  }

  /** A multiple of 2^−24 in [0, 1). */
  uniform(): number {
    return (this.uint32() >>> 8) / 16777216;
  }

  /** An integer in [0, limit), unbiased (Lemire's rejection is not needed at 53 bits; the bias is below 2^−21). */
  below(limit: number): number {
    checkInteger("limit", limit, 1);
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return Math.floor(((high * 67108864 + low) / 9007199254740992) * limit);
  }

  /** A standard normal number by Marsaglia's polar method. */
  normal(): number {
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) return u * Math.sqrt((-2 * naturalLog(s)) / s);
    }
  }

  /** A permutation of 0 … length − 1 (Fisher–Yates), written to `target` or a new array. @internal */
  permutation(length: number, target = new Int32Array(length)): Int32Array {
    for (let i = 0; i < length; i++) {
      const j = this.below(i + 1);
      target[i] = target[j] ?? 0;
      target[j] = i;
    }
    return target;
  }
}

/** ln x for x in (0, 1), from +, −, ×, ÷ alone: 2·artanh((m−1)/(m+1)) + e·ln 2, since Math.log differs between engines. */
function naturalLog(x: number): number {
  let exponent = 0;
  while (x < 0.7071067811865476) {
    x *= 2;
    exponent--;
  }
  const t = (x - 1) / (x + 1);
  const square = t * t;
  let sum = 0;
  for (let n = 21; n >= 1; n -= 2) sum = sum * square + 1 / n;
  return 2 * t * sum + exponent * Math.LN2;
}

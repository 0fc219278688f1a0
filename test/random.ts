import { Random } from "../src/engine/index.js";

/** `length` floats, uniform in [−1, 1). */
export function randomFloats(length: number, seed = 1, scale = 1): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length }, () => (2 * random.uniform() - 1) * scale);
}

/** `length` small integers in [−limit, limit] as floats: sums of their products are exact in float32. */
export function randomIntegers(length: number, seed = 1, limit = 4): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length }, () => random.below(2 * limit + 1) - limit);
}

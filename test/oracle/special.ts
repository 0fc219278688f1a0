/** erf x in float64: the Maclaurin series of e^x²·erf x up to 3, the continued fraction of erfc beyond. */
export function erf(x: number): number {
  const t = Math.abs(x);
  if (!(t < 6)) return Math.sign(x);
  if (t < 3) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / 2 / (t + fraction);
  return Math.sign(x) * (1 - Math.exp(-t * t) / Math.sqrt(Math.PI) / (t + fraction));
}

export function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

const bits = new Int32Array(1);
const float = new Float32Array(bits.buffer);

/** Distance of neighbouring float32 numbers at x; 2^−149 among denormals and at 0. */
export function ulp(x: number): number {
  float[0] = Math.abs(x);
  const exponent = Math.max((bits[0]! >>> 23) & 255, 1);
  return 2 ** (Math.min(exponent, 254) - 150);
}

/**
 * The largest error of `actual`, float32 results, in ulps of the exact results `f(x)` in float64. NaN, Infinity and −0
 * where they do not belong count as infinitely wrong.
 */
export function largestUlpError(x: Float32Array, actual: Float32Array, f: (x: number) => number): [number, number] {
  let largest = 0;
  let worst = NaN;
  x.forEach((value, i) => {
    const exact = f(value);
    const rounded = Math.fround(exact);
    const got = actual[i]!;
    let error = 0;
    if (!Number.isFinite(rounded) || !Number.isFinite(got)) error = Object.is(rounded, got) ? 0 : Infinity;
    else if (got === 0 && rounded === 0) error = Object.is(rounded, got) ? Math.abs(exact) / ulp(0) : Infinity;
    else error = Math.abs(got - exact) / ulp(rounded);
    if (!(error <= largest)) {
      largest = error;
      worst = value;
    }
  });
  return [largest, worst];
}

/** Every `step`-th of all float32 bit patterns from `first` to `last`, positive and negative. */
export function floatsByBits(step: number, first = 0, last = 0x7f800000): Float32Array {
  const count = Math.floor((last - first) / step) + 1;
  const patterns = new Uint32Array(2 * count);
  for (let i = 0; i < count; i++) {
    patterns[i] = first + i * step;
    patterns[count + i] = (first + i * step) | 0x80000000;
  }
  return new Float32Array(patterns.buffer);
}

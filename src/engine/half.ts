// IEEE 754 binary16, as hosts without Float16Array must convert it.

/** The bits of the float16 nearest to a number (ties to even); NaN stays one, what is too large becomes Infinity. */
export function halfBits(number: number): number {
  const sign = number < 0 || Object.is(number, -0) ? 0x8000 : 0;
  const size = Math.abs(number);
  if (!(size < Infinity)) return sign | (size === Infinity ? 0x7c00 : 0x7e00);
  // Below 2⁻¹⁴ halves are multiples of 2⁻²⁴; from there on they have 11 bits.
  let exponent = -14;
  while (exponent < 16 && size >= 2 ** (exponent + 1)) exponent++;
  const unit = 2 ** (exponent - 10);
  const steps = roundToEven(size / unit);
  return sign | Math.min(((exponent + 14) << 10) + steps, 0x7c00);
}

/** The number that the bits of a float16 stand for. */
export function halfValue(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (fraction + 1024) * 2 ** (exponent - 25));
}

function roundToEven(number: number): number {
  const lower = Math.floor(number);
  const rest = number - lower;
  return rest > 0.5 || (rest === 0.5 && lower % 2 === 1) ? lower + 1 : lower;
}

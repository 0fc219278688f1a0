/** The number that the bits of a float16 stand for. */
export function halfValue(bits: number): number {
  const sign = bits >= 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits & 0x7fff) >> 10, bits & 0x3ff];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction / 2 ** 24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** Every float16 that is not negative, in order: their bits count them. */
const values = Float64Array.from({ length: 0x7c00 }, (_, bits) => halfValue(bits));

/** The bits of the float16 nearest to a number, of two the even one, found by halving. */
export function halfBits(number: number): number {
  if (Number.isNaN(number)) return 0x7e00;
  const sign = number < 0 || Object.is(number, -0) ? 0x8000 : 0;
  const size = Math.abs(number);
  // Half a unit beyond the largest, 65,504.
  if (size >= 65520) return sign | 0x7c00;
  let [low, high] = [0, 0x7bff];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (values[middle]! <= size) low = middle;
    else high = middle - 1;
  }
  const next = low === 0x7bff ? 65536 : values[low + 1]!;
  const [below, above] = [size - values[low]!, next - size];
  return sign | (above < below || (above === below && low % 2 === 1) ? low + 1 : low);
}

/** (t + offset) · theta^(−i/pairs) for each of `length` positions t and `pairs` frequencies i, in float64. */
export function angles(
  length: number,
  pairs: number,
  { theta, offset }: { readonly theta: number; readonly offset: number },
): Float64Array {
  return Float64Array.from(
    { length: length * pairs },
    (_, at) => (Math.floor(at / pairs) + offset) * theta ** (-(at % pairs) / pairs),
  );
}

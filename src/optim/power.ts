/** `base` to a whole power by repeated squaring: Math.pow differs between engines in the last bits. */
export function power(base: number, exponent: number): number {
  let result = 1;
  for (let square = base, rest = exponent; rest > 0; square *= square, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
  }
  return result;
}

/** `base` > 0, or ≥ 0 where the exponent is, to any power, to within 1e-13 of itself; exact operations alone, as in `power`. */
export function realPower(base: number, exponent: number): number {
  if (exponent < 0) return 1 / realPower(base, -exponent);
  const whole = Math.floor(exponent);
  return power(base, whole) * fractionalPower(base, exponent - whole);
}

/** The exponent, in [0, 1), bit by bit: a square root for each. */
function fractionalPower(base: number, exponent: number): number {
  let result = 1;
  for (let root = base, rest = exponent; rest > 0 && root !== 1;) {
    root = Math.sqrt(root);
    rest *= 2;
    if (rest < 1) continue;
    result *= root;
    rest -= 1;
  }
  return result;
}

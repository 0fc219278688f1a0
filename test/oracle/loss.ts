/** Softmax of each row of `columns` numbers, in float64. */
export function softmax(x: ArrayLike<number>, columns: number): Float64Array {
  return Float64Array.from(logSoftmax(x, columns), Math.exp);
}

export function logSoftmax(x: ArrayLike<number>, columns: number): Float64Array {
  const y = Float64Array.from(x);
  for (let start = 0; start < y.length; start += columns) {
    const row = y.subarray(start, start + columns);
    const maximum = Math.max(...row);
    const logarithm = Math.log(row.reduce((sum, value) => sum + Math.exp(value - maximum), 0));
    row.forEach((value, i) => (row[i] = value - maximum - logarithm));
  }
  return y;
}

/** −ln softmax(x)[label] of each row. */
export function crossEntropies(x: ArrayLike<number>, labels: ArrayLike<number>, columns: number): Float64Array {
  const y = logSoftmax(x, columns);
  return Float64Array.from(labels, (label, row) => -y[row * columns + label]!);
}

/** Σ (a − b)². */
export function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}

/** 1 for each row whose first largest score is at its label and that holds no NaN, else 0. */
export function hits(scores: ArrayLike<number>, labels: ArrayLike<number>, columns: number): number[] {
  return Array.from(labels, (label, row) => {
    const values = Array.from({ length: columns }, (_, i) => scores[row * columns + i]!);
    return !values.some(Number.isNaN) && values.indexOf(Math.max(...values)) === label ? 1 : 0;
  });
}

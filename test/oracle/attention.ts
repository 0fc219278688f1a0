import type { Numbers } from "./primitive.js";

/** Rows of so many columns. */
export interface Matrix {
  readonly data: Numbers;
  readonly columns: number;
}

/** element (row, column) */
const at = ({ data, columns }: Matrix, row: number, column: number): number => data[row * columns + column]!;
const rowsOf = ({ data, columns }: Matrix): number => data.length / columns;

/**
 * softmax(scale · query · keyᵀ, of the keys that are seen) · value, in float64. A query that sees nothing gets zeros.
 * @param added what is added to a score; −Infinity hides a key
 */
export function attend(
  query: Matrix,
  key: Matrix,
  value: Matrix,
  added: (row: number, column: number) => number = () => 0,
  scale = 1 / Math.sqrt(query.columns),
): Matrix {
  const data = new Float64Array(rowsOf(query) * value.columns);
  for (let row = 0; row < rowsOf(query); row++) {
    const scores = Array.from({ length: rowsOf(key) }, (_, column) => {
      let sum = 0;
      for (let k = 0; k < query.columns; k++) sum += at(query, row, k) * at(key, column, k);
      return sum * scale + added(row, column);
    });
    const largest = Math.max(...scores);
    if (largest === -Infinity) continue;
    const weights = scores.map((score) => Math.exp(score - largest));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    weights.forEach((weight, column) => {
      for (let k = 0; k < value.columns; k++) data[row * value.columns + k]! += (weight / total) * at(value, column, k);
    });
  }
  return { data, columns: value.columns };
}

/** x · weight + bias. */
export function linear(x: Matrix, weight: Numbers, bias: Numbers): Matrix {
  const columns = bias.length;
  const data = Float64Array.from({ length: rowsOf(x) * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    let sum = bias[column]!;
    for (let k = 0; k < x.columns; k++) sum += at(x, row, k) * weight[k * columns + column]!;
    return sum;
  });
  return { data, columns };
}

/** Some columns of a matrix. */
export function part(x: Matrix, first: number, columns: number): Matrix {
  const data = Float64Array.from({ length: rowsOf(x) * columns }, (_, i) =>
    at(x, Math.floor(i / columns), first + (i % columns)),
  );
  return { data, columns };
}

/** Matrices side by side. */
export function beside(parts: readonly Matrix[]): Matrix {
  const columns = parts.reduce((sum, x) => sum + x.columns, 0);
  const rows = Array.from({ length: rowsOf(parts[0]!) }, (_, row) =>
    parts.flatMap((x) => Array.from({ length: x.columns }, (_, column) => at(x, row, column))),
  );
  return { data: rows.flat(), columns };
}

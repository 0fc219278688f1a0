// Recurrent layers in float64, element by element, with nothing of the library.

/** Parameters of one layer in one direction; weights row by row, [in, gates · H]. */
export interface RecurrentParameters {
  readonly weightIh: ArrayLike<number>;
  readonly weightHh: ArrayLike<number>;
  readonly biasIh?: ArrayLike<number> | undefined;
  readonly biasHh?: ArrayLike<number> | undefined;
}

export interface RecurrentSetting {
  readonly kind: "tanh" | "relu" | "gru" | "lstm";
  readonly steps: number;
  readonly features: number;
  readonly size: number;
  readonly reverse: boolean;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** One sample x [steps, features] of `length` steps: y [steps, size], and the state after its last step. */
export function recurrentOf(
  { kind, steps, features, size, reverse }: RecurrentSetting,
  x: ArrayLike<number>,
  { weightIh, weightHh, biasIh, biasHh }: RecurrentParameters,
  length = steps,
  hidden: ArrayLike<number> = new Float64Array(size),
  cell: ArrayLike<number> = new Float64Array(size),
): { readonly y: Float64Array; readonly hidden: Float64Array; readonly cell: Float64Array } {
  const gates = { tanh: 1, relu: 1, gru: 3, lstm: 4 }[kind];
  const y = new Float64Array(steps * size);
  let h = Float64Array.from(hidden);
  let c = Float64Array.from(cell);
  const dot = (row: (k: number) => number, weight: ArrayLike<number>, rows: number, column: number): number => {
    let sum = 0;
    for (let k = 0; k < rows; k++) sum += row(k) * weight[k * gates * size + column]!;
    return sum;
  };
  for (let i = 0; i < length; i++) {
    const step = reverse ? length - 1 - i : i;
    const before = h;
    const beforeCell = c;
    const inputOf = (gate: number, j: number): number =>
      dot((k) => x[step * features + k]!, weightIh, features, gate * size + j) + (biasIh?.[gate * size + j] ?? 0);
    const stateOf = (gate: number, j: number): number =>
      dot((k) => before[k]!, weightHh, size, gate * size + j) + (biasHh?.[gate * size + j] ?? 0);
    const sum = (gate: number, j: number): number => inputOf(gate, j) + stateOf(gate, j);
    h = new Float64Array(size);
    c = new Float64Array(size);
    for (let j = 0; j < size; j++) {
      if (kind === "lstm") {
        c[j] = sigmoid(sum(1, j)) * beforeCell[j]! + sigmoid(sum(0, j)) * Math.tanh(sum(2, j));
        h[j] = sigmoid(sum(3, j)) * Math.tanh(c[j]!);
      } else if (kind === "gru") {
        const [r, z] = [sigmoid(sum(0, j)), sigmoid(sum(1, j))];
        h[j] = (1 - z) * Math.tanh(inputOf(2, j) + r * stateOf(2, j)) + z * before[j]!;
      } else h[j] = kind === "tanh" ? Math.tanh(sum(0, j)) : Math.max(sum(0, j), 0);
    }
    y.set(h, step * size);
  }
  return { y, hidden: h, cell: c };
}

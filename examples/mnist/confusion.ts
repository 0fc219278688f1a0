/** `matrix[label][prediction]` counts the samples of a class that were taken for another (or for itself). */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
): readonly (readonly number[])[] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i++) matrix[labels[i]!]![predictions[i]!]!++;
  return matrix;
}

/** The matrix as an aligned table with the share of every class that was recognised. Zeros are shown as dots. */
export function formatConfusion(matrix: readonly (readonly number[])[]): string {
  const classes = matrix.map((_, i) => String(i));
  const cells = matrix.map((row) => row.map((count) => (count === 0 ? "·" : String(count))));
  const width = Math.max(4, ...cells.flat().map((cell) => cell.length + 1));
  const head = `true ╲ predicted${classes.map((name) => name.padStart(width)).join("")}   recognised`;
  const lines = cells.map((row, label) => {
    const total = matrix[label]!.reduce((sum, count) => sum + count, 0);
    const share = total === 0 ? "–" : `${((100 * matrix[label]![label]!) / total).toFixed(1)} %`;
    return `${classes[label]!.padStart(16)}${row.map((cell) => cell.padStart(width)).join("")}${share.padStart(13)}`;
  });
  return [head, ...lines].join("\n");
}

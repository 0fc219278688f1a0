/** Rows of `columns` floats laid out `stride` floats apart, with NaN between: what reads it as a number spoils its results. */
export function rowsApart(data: ArrayLike<number>, columns: number, stride: number): Float32Array {
  const rows = data.length / columns;
  const apart = new Float32Array(rows * stride).fill(NaN);
  for (let i = 0; i < data.length; i++) apart[Math.floor(i / columns) * stride + (i % columns)] = data[i]!;
  return apart;
}

/** y[batch, outFeatures] = x · w + bias, with w[inFeatures, outFeatures] */
export function linear(
  x: Float32Array,
  w: Float32Array,
  bias: Float32Array,
  y: Float32Array,
  batch: number,
  inFeatures: number,
  outFeatures: number,
): void {
  for (let n = 0; n < batch; n++) {
    const row = n * outFeatures;
    for (let o = 0; o < outFeatures; o++) y[row + o] = bias[o]!;
    for (let i = 0; i < inFeatures; i++) {
      const factor = x[n * inFeatures + i]!;
      const from = i * outFeatures;
      for (let o = 0; o < outFeatures; o++) y[row + o]! += factor * w[from + o]!;
    }
  }
}

/** dw = xᵀ · dy, dbias = Σ dy over the batch */
export function linearWeightGradient(
  x: Float32Array,
  dy: Float32Array,
  dw: Float32Array,
  dbias: Float32Array,
  batch: number,
  inFeatures: number,
  outFeatures: number,
): void {
  dw.fill(0);
  dbias.fill(0);
  for (let i = 0; i < inFeatures; i++) {
    const row = i * outFeatures;
    for (let n = 0; n < batch; n++) {
      const factor = x[n * inFeatures + i]!;
      const from = n * outFeatures;
      for (let o = 0; o < outFeatures; o++) dw[row + o]! += factor * dy[from + o]!;
    }
  }
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outFeatures; o++) dbias[o]! += dy[n * outFeatures + o]!;
  }
}

/** dx = dy · wᵀ */
export function linearInputGradient(
  dy: Float32Array,
  w: Float32Array,
  dx: Float32Array,
  batch: number,
  inFeatures: number,
  outFeatures: number,
): void {
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < inFeatures; i++) {
      let sum = 0;
      for (let o = 0; o < outFeatures; o++) sum += dy[n * outFeatures + o]! * w[i * outFeatures + o]!;
      dx[n * inFeatures + i] = sum;
    }
  }
}

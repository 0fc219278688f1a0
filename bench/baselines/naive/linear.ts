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
    for (let o = 0; o < outFeatures; o++) {
      let sum = bias[o]!;
      for (let i = 0; i < inFeatures; i++) sum += x[n * inFeatures + i]! * w[i * outFeatures + o]!;
      y[n * outFeatures + o] = sum;
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
  for (let i = 0; i < inFeatures; i++) {
    for (let o = 0; o < outFeatures; o++) {
      let sum = 0;
      for (let n = 0; n < batch; n++) sum += x[n * inFeatures + i]! * dy[n * outFeatures + o]!;
      dw[i * outFeatures + o] = sum;
    }
  }
  for (let o = 0; o < outFeatures; o++) {
    let sum = 0;
    for (let n = 0; n < batch; n++) sum += dy[n * outFeatures + o]!;
    dbias[o] = sum;
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

import type { BatchNormStatistics } from "../kernels.js";

/** y = γ·(x − mean)/√(variance + ε) + β over rows of channels, with the statistics of this batch, which it keeps. */
export function batchNorm(
  x: Float32Array,
  gamma: Float32Array,
  beta: Float32Array,
  y: Float32Array,
  statistics: BatchNormStatistics,
): void {
  const { channels, momentum, epsilon } = statistics;
  const rows = x.length / channels;
  const means = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let row = 0; row < x.length; row += channels) {
    for (let c = 0; c < channels; c++) means[c]! += x[row + c]!;
  }
  for (let c = 0; c < channels; c++) means[c]! /= rows;
  for (let row = 0; row < x.length; row += channels) {
    for (let c = 0; c < channels; c++) {
      const difference = x[row + c]! - means[c]!;
      squares[c]! += difference * difference;
    }
  }
  for (let c = 0; c < channels; c++) {
    statistics.mean[c] = means[c]!;
    statistics.inverseDeviation[c] = 1 / Math.sqrt(squares[c]! / rows + epsilon);
    statistics.runningMean[c]! += momentum * (means[c]! - statistics.runningMean[c]!);
    const unbiased = squares[c]! / Math.max(1, rows - 1);
    statistics.runningVariance[c]! += momentum * (unbiased - statistics.runningVariance[c]!);
  }
  for (let row = 0; row < x.length; row += channels) {
    for (let c = 0; c < channels; c++) {
      const normalized = (x[row + c]! - statistics.mean[c]!) * statistics.inverseDeviation[c]!;
      y[row + c] = gamma[c]! * normalized + beta[c]!;
    }
  }
}

/** dx = γ/(N·√(variance + ε))·(N·dy − Σdy − x̂·Σ(dy·x̂)), dγ = Σ(dy·x̂), dβ = Σdy */
export function batchNormBackward(
  x: Float32Array,
  gamma: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
  dgamma: Float32Array,
  dbeta: Float32Array,
  { channels, mean, inverseDeviation }: BatchNormStatistics,
): void {
  const rows = x.length / channels;
  const sums = new Float64Array(channels);
  const products = new Float64Array(channels);
  for (let row = 0; row < x.length; row += channels) {
    for (let c = 0; c < channels; c++) {
      const normalized = (x[row + c]! - mean[c]!) * inverseDeviation[c]!;
      sums[c]! += dy[row + c]!;
      products[c]! += dy[row + c]! * normalized;
    }
  }
  dgamma.set(products);
  dbeta.set(sums);
  for (let row = 0; row < x.length; row += channels) {
    for (let c = 0; c < channels; c++) {
      const normalized = (x[row + c]! - mean[c]!) * inverseDeviation[c]!;
      const scale = gamma[c]! * inverseDeviation[c]!;
      dx[row + c] = scale * (dy[row + c]! - (sums[c]! + normalized * products[c]!) / rows);
    }
  }
}

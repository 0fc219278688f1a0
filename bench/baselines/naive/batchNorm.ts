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
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let at = c; at < x.length; at += channels) sum += x[at]!;
    const mean = sum / rows;
    let squares = 0;
    for (let at = c; at < x.length; at += channels) {
      const difference = x[at]! - mean;
      squares += difference * difference;
    }
    const inverseDeviation = 1 / Math.sqrt(squares / rows + epsilon);
    const scale = gamma[c]! * inverseDeviation;
    const shift = beta[c]! - mean * scale;
    for (let at = c; at < x.length; at += channels) y[at] = x[at]! * scale + shift;

    statistics.mean[c] = mean;
    statistics.inverseDeviation[c] = inverseDeviation;
    statistics.runningMean[c]! += momentum * (mean - statistics.runningMean[c]!);
    const unbiased = squares / Math.max(1, rows - 1);
    statistics.runningVariance[c]! += momentum * (unbiased - statistics.runningVariance[c]!);
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
  statistics: BatchNormStatistics,
): void {
  const { channels } = statistics;
  const rows = x.length / channels;
  for (let c = 0; c < channels; c++) {
    const mean = statistics.mean[c]!;
    const inverseDeviation = statistics.inverseDeviation[c]!;
    let sum = 0;
    let product = 0;
    for (let at = c; at < x.length; at += channels) {
      sum += dy[at]!;
      product += dy[at]! * (x[at]! - mean);
    }
    product *= inverseDeviation;
    dgamma[c] = product;
    dbeta[c] = sum;
    const scale = gamma[c]! * inverseDeviation;
    for (let at = c; at < x.length; at += channels) {
      const normalized = (x[at]! - mean) * inverseDeviation;
      dx[at] = scale * (dy[at]! - (sum + normalized * product) / rows);
    }
  }
}

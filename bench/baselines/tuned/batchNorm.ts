import type { BatchNormStatistics } from "../kernels.js";

/** Batch norm in passes over memory in its order, with the sums of all channels side by side. */
export class RowwiseBatchNorm {
  private sums = new Float64Array(0);
  private products = new Float64Array(0);
  private scales = new Float64Array(0);
  private shifts = new Float64Array(0);

  forward(
    x: Float32Array,
    gamma: Float32Array,
    beta: Float32Array,
    y: Float32Array,
    statistics: BatchNormStatistics,
  ): void {
    const { channels, momentum, epsilon } = statistics;
    this.reserve(channels);
    const { sums, products: squares, scales, shifts } = this;
    const rows = x.length / channels;
    for (let row = 0; row < x.length; row += channels) {
      for (let c = 0; c < channels; c++) sums[c]! += x[row + c]!;
    }
    for (let c = 0; c < channels; c++) sums[c]! /= rows;
    for (let row = 0; row < x.length; row += channels) {
      for (let c = 0; c < channels; c++) {
        const difference = x[row + c]! - sums[c]!;
        squares[c]! += difference * difference;
      }
    }
    for (let c = 0; c < channels; c++) {
      const inverseDeviation = 1 / Math.sqrt(squares[c]! / rows + epsilon);
      scales[c] = gamma[c]! * inverseDeviation;
      shifts[c] = beta[c]! - sums[c]! * scales[c]!;
      statistics.mean[c] = sums[c]!;
      statistics.inverseDeviation[c] = inverseDeviation;
      statistics.runningMean[c]! += momentum * (sums[c]! - statistics.runningMean[c]!);
      const unbiased = squares[c]! / Math.max(1, rows - 1);
      statistics.runningVariance[c]! += momentum * (unbiased - statistics.runningVariance[c]!);
    }
    for (let row = 0; row < x.length; row += channels) {
      for (let c = 0; c < channels; c++) y[row + c] = x[row + c]! * scales[c]! + shifts[c]!;
    }
  }

  /** dx = scale·dy + slope·x + shift, of which all three are per channel. */
  backward(
    x: Float32Array,
    gamma: Float32Array,
    dy: Float32Array,
    dx: Float32Array,
    dgamma: Float32Array,
    dbeta: Float32Array,
    { channels, mean, inverseDeviation }: BatchNormStatistics,
  ): void {
    this.reserve(channels);
    const { sums, products, scales, shifts } = this;
    const rows = x.length / channels;
    for (let row = 0; row < x.length; row += channels) {
      for (let c = 0; c < channels; c++) {
        sums[c]! += dy[row + c]!;
        products[c]! += dy[row + c]! * (x[row + c]! - mean[c]!);
      }
    }
    const slopes = products;
    for (let c = 0; c < channels; c++) {
      const deviation = inverseDeviation[c]!;
      dgamma[c] = products[c]! * deviation;
      dbeta[c] = sums[c]!;
      const scale = gamma[c]! * deviation;
      const slope = (-scale * products[c]! * deviation * deviation) / rows;
      scales[c] = scale;
      slopes[c] = slope;
      shifts[c] = (-scale * sums[c]!) / rows - slope * mean[c]!;
    }
    for (let row = 0; row < x.length; row += channels) {
      for (let c = 0; c < channels; c++)
        dx[row + c] = scales[c]! * dy[row + c]! + slopes[c]! * x[row + c]! + shifts[c]!;
    }
  }

  /** Makes room for `channels` and zeroes the sums. */
  private reserve(channels: number): void {
    if (this.sums.length < channels) {
      this.sums = new Float64Array(channels);
      this.products = new Float64Array(channels);
      this.scales = new Float64Array(channels);
      this.shifts = new Float64Array(channels);
    }
    this.sums.fill(0);
    this.products.fill(0);
  }
}

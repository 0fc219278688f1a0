export interface Statistics {
  readonly mean: Float64Array;
  /** Biased. */
  readonly variance: Float64Array;
}

/** Mean and biased variance of each of the `channels` columns, by two passes in float64. */
export function statisticsOf(x: ArrayLike<number>, channels: number): Statistics {
  const n = x.length / channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  for (let i = 0; i < x.length; i++) mean[i % channels]! += x[i]! / n;
  for (let i = 0; i < x.length; i++) variance[i % channels]! += (x[i]! - mean[i % channels]!) ** 2 / n;
  return { mean, variance };
}

/** Normalised by the given statistics, scaled, shifted and perhaps rectified. */
export function batchNorm(
  x: ArrayLike<number>,
  gamma: ArrayLike<number>,
  beta: ArrayLike<number>,
  { mean, variance }: Statistics,
  { epsilon, relu }: { epsilon: number; relu: boolean },
): Float64Array {
  return Float64Array.from(x, (value, i) => {
    const c = i % gamma.length;
    const y = ((value - mean[c]!) / Math.sqrt(variance[c]! + epsilon)) * gamma[c]! + beta[c]!;
    return relu ? Math.max(y, 0) : y;
  });
}

/** Gradients by the formulas of Ioffe and Szegedy (2015), §3, step by step, for statistics of the batch. */
export function batchNormGradients(
  x: ArrayLike<number>,
  dy: ArrayLike<number>,
  gamma: ArrayLike<number>,
  beta: ArrayLike<number>,
  options: { epsilon: number; relu: boolean },
): { dx: Float64Array; dgamma: Float64Array; dbeta: Float64Array } {
  const channels = gamma.length;
  const n = x.length / channels;
  const statistics = statisticsOf(x, channels);
  const y = batchNorm(x, gamma, beta, statistics, { ...options, relu: false });
  const dVariance = new Float64Array(channels);
  const dMean = new Float64Array(channels);
  const dgamma = new Float64Array(channels);
  const dbeta = new Float64Array(channels);
  const at = (i: number) => {
    const c = i % channels;
    const centered = x[i]! - statistics.mean[c]!;
    const inverse = 1 / Math.sqrt(statistics.variance[c]! + options.epsilon);
    return { c, centered, inverse, g: options.relu && !(y[i]! > 0) ? 0 : dy[i]! };
  };
  for (let i = 0; i < x.length; i++) {
    const { c, centered, inverse, g } = at(i);
    dgamma[c]! += g * centered * inverse;
    dbeta[c]! += g;
    dVariance[c]! += g * gamma[c]! * centered * -0.5 * inverse ** 3;
    dMean[c]! -= g * gamma[c]! * inverse;
  }
  const dx = Float64Array.from(x, (_, i) => {
    const { c, centered, inverse, g } = at(i);
    return g * gamma[c]! * inverse + (dVariance[c]! * 2 * centered) / n + dMean[c]! / n;
  });
  return { dx, dgamma, dbeta };
}

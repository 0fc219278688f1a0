/** Geometry of a 2-D convolution over NHWC images with square kernels; weights are HWIO. */
export interface Conv2dShape {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: number;
  readonly stride: number;
  readonly padding: number;
}

/** Geometry of max pooling without padding over NHWC images; the stride is the kernel's size. */
export interface PoolShape {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly kernelSize: number;
}

/** Length of the output along an axis of `length`. */
export function convolvedLength(length: number, { kernelSize, stride, padding }: Conv2dShape): number {
  return Math.floor((length + 2 * padding - kernelSize) / stride) + 1;
}

export interface AdamOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/**
 * What a training step is made of, in plain JavaScript over Float32Array: the same operations as the WebAssembly kernels,
 * with the same layouts. Every function writes (does not add to) its outputs.
 */
export interface Kernels {
  /** c[M, N] = a[M, K] · b[K, N] */
  gemm(a: Float32Array, b: Float32Array, c: Float32Array, M: number, N: number, K: number): void;
  /** y[batch, outFeatures] = x · w + bias, with w[inFeatures, outFeatures] */
  linear(
    x: Float32Array,
    w: Float32Array,
    bias: Float32Array,
    y: Float32Array,
    batch: number,
    inFeatures: number,
    outFeatures: number,
  ): void;
  /** dw = xᵀ · dy, dbias = Σ dy over the batch */
  linearWeightGradient(
    x: Float32Array,
    dy: Float32Array,
    dw: Float32Array,
    dbias: Float32Array,
    batch: number,
    inFeatures: number,
    outFeatures: number,
  ): void;
  /** dx = dy · wᵀ */
  linearInputGradient(
    dy: Float32Array,
    w: Float32Array,
    dx: Float32Array,
    batch: number,
    inFeatures: number,
    outFeatures: number,
  ): void;
  conv2d(x: Float32Array, w: Float32Array, bias: Float32Array, y: Float32Array, shape: Conv2dShape): void;
  conv2dWeightGradient(
    x: Float32Array,
    dy: Float32Array,
    dw: Float32Array,
    dbias: Float32Array,
    shape: Conv2dShape,
  ): void;
  conv2dInputGradient(dy: Float32Array, w: Float32Array, dx: Float32Array, shape: Conv2dShape): void;
  /** As conv2d, with a kernel for each channel: w[kernelSize, kernelSize, channels]; inChannels = outChannels = channels. */
  depthwiseConv2d(x: Float32Array, w: Float32Array, bias: Float32Array, y: Float32Array, shape: Conv2dShape): void;
  depthwiseConv2dWeightGradient(
    x: Float32Array,
    dy: Float32Array,
    dw: Float32Array,
    dbias: Float32Array,
    shape: Conv2dShape,
  ): void;
  depthwiseConv2dInputGradient(dy: Float32Array, w: Float32Array, dx: Float32Array, shape: Conv2dShape): void;
  /** y = γ·(x − mean)/√(variance + ε) + β over rows of channels, with the statistics of this batch, which it keeps. */
  batchNorm(
    x: Float32Array,
    gamma: Float32Array,
    beta: Float32Array,
    y: Float32Array,
    statistics: BatchNormStatistics,
  ): void;
  batchNormBackward(
    x: Float32Array,
    gamma: Float32Array,
    dy: Float32Array,
    dx: Float32Array,
    dgamma: Float32Array,
    dbeta: Float32Array,
    statistics: BatchNormStatistics,
  ): void;
  relu(x: Float32Array, y: Float32Array): void;
  reluBackward(y: Float32Array, dy: Float32Array, dx: Float32Array): void;
  sigmoid(x: Float32Array, y: Float32Array): void;
  sigmoidBackward(y: Float32Array, dy: Float32Array, dx: Float32Array): void;
  exp(x: Float32Array, y: Float32Array): void;
  tanh(x: Float32Array, y: Float32Array): void;
  /** `argmax[i]` is where in x the maximum y[i] was; of equal values the first. */
  maxPool2d(x: Float32Array, y: Float32Array, argmax: Int32Array, shape: PoolShape): void;
  maxPool2dBackward(dy: Float32Array, argmax: Int32Array, dx: Float32Array): void;
  /** Returns the mean loss of the rows and writes its gradient. */
  softmaxCrossEntropy(
    logits: Float32Array,
    labels: Uint8Array | Int32Array,
    dlogits: Float32Array,
    batch: number,
    classes: number,
  ): number;
  sgd(w: Float32Array, dw: Float32Array, learningRate: number): void;
  /** @param step counts from 1 */
  adam(w: Float32Array, dw: Float32Array, m: Float32Array, v: Float32Array, step: number, options: AdamOptions): void;
}

/** Of one batch normalisation: what backward needs, and the running statistics for inference. */
export class BatchNormStatistics {
  readonly epsilon = 1e-5;
  /** Weight of the new batch in the running statistics. */
  readonly momentum = 0.1;
  readonly mean: Float32Array;
  readonly inverseDeviation: Float32Array;
  readonly runningMean: Float32Array;
  readonly runningVariance: Float32Array;

  constructor(readonly channels: number) {
    this.mean = new Float32Array(channels);
    this.inverseDeviation = new Float32Array(channels);
    this.runningMean = new Float32Array(channels);
    this.runningVariance = new Float32Array(channels).fill(1);
  }
}

import { Random } from "../../src/engine/index.js";
import { type AdamOptions, BatchNormStatistics, type Conv2dShape, type Kernels, type PoolShape } from "./kernels.js";
import { initialize, Parameters } from "./parameters.js";

export interface CnnOptions {
  readonly batch: number;
  /** Height and width of the images, which have one channel. */
  readonly size: number;
  readonly channels: readonly [number, number];
  readonly hiddenFeatures: number;
  readonly classes: number;
  readonly adam: AdamOptions;
  readonly seed?: number;
}

/** The buffers of a stage: convolution 3×3 with padding 1, batch norm, ReLU, max pooling 2×2. */
class Stage {
  readonly conv: Conv2dShape;
  readonly pool: PoolShape;
  readonly statistics: BatchNormStatistics;
  readonly convolved: Float32Array;
  readonly normalized: Float32Array;
  readonly rectified: Float32Array;
  readonly pooled: Float32Array;
  readonly argmax: Int32Array;
  readonly convolvedGradient: Float32Array;
  readonly normalizedGradient: Float32Array;
  readonly rectifiedGradient: Float32Array;
  readonly pooledGradient: Float32Array;

  constructor(batch: number, size: number, inChannels: number, outChannels: number) {
    this.conv = { batch, height: size, width: size, inChannels, outChannels, kernelSize: 3, stride: 1, padding: 1 };
    this.pool = { batch, height: size, width: size, channels: outChannels, kernelSize: 2 };
    this.statistics = new BatchNormStatistics(outChannels);
    const length = batch * size * size * outChannels;
    const pooledLength = batch * Math.floor(size / 2) ** 2 * outChannels;
    this.convolved = new Float32Array(length);
    this.normalized = new Float32Array(length);
    this.rectified = new Float32Array(length);
    this.pooled = new Float32Array(pooledLength);
    this.argmax = new Int32Array(pooledLength);
    this.convolvedGradient = new Float32Array(length);
    this.normalizedGradient = new Float32Array(length);
    this.rectifiedGradient = new Float32Array(length);
    this.pooledGradient = new Float32Array(pooledLength);
  }
}

/**
 * The network for MNIST: two stages of convolution, batch norm, ReLU and pooling, then linear, ReLU, linear; trained by
 * Adam, in plain JavaScript.
 */
export class Cnn {
  readonly parameters: Parameters;
  private readonly stages: readonly [Stage, Stage];
  private readonly flatFeatures: number;
  private readonly hidden: Float32Array;
  private readonly activated: Float32Array;
  private readonly logits: Float32Array;
  private readonly hiddenGradient: Float32Array;
  private readonly activatedGradient: Float32Array;
  private readonly logitsGradient: Float32Array;
  private steps = 0;

  constructor(
    private readonly kernels: Kernels,
    private readonly options: CnnOptions,
  ) {
    const { batch, size, channels, hiddenFeatures, classes, seed = 0 } = options;
    const half = Math.floor(size / 2);
    this.stages = [new Stage(batch, size, 1, channels[0]), new Stage(batch, half, channels[0], channels[1])];
    this.flatFeatures = Math.floor(half / 2) ** 2 * channels[1];
    this.hidden = new Float32Array(batch * hiddenFeatures);
    this.activated = new Float32Array(batch * hiddenFeatures);
    this.logits = new Float32Array(batch * classes);
    this.hiddenGradient = new Float32Array(batch * hiddenFeatures);
    this.activatedGradient = new Float32Array(batch * hiddenFeatures);
    this.logitsGradient = new Float32Array(batch * classes);

    // Named by their place in the sequence conv, norm, ReLU, pool, conv, norm, ReLU, pool, flatten, linear, ReLU, linear.
    this.parameters = new Parameters({
      "0.weight": [3, 3, 1, channels[0]],
      "0.bias": [channels[0]],
      "1.weight": [channels[0]],
      "1.bias": [channels[0]],
      "4.weight": [3, 3, channels[0], channels[1]],
      "4.bias": [channels[1]],
      "5.weight": [channels[1]],
      "5.bias": [channels[1]],
      "9.weight": [this.flatFeatures, hiddenFeatures],
      "9.bias": [hiddenFeatures],
      "11.weight": [hiddenFeatures, classes],
      "11.bias": [classes],
    });
    const random = new Random(seed);
    initialize(this.parameters.value("0.weight"), 9, 2, random);
    initialize(this.parameters.value("4.weight"), 9 * channels[0], 2, random);
    initialize(this.parameters.value("9.weight"), this.flatFeatures, 2, random);
    initialize(this.parameters.value("11.weight"), hiddenFeatures, 1, random);
    this.parameters.value("1.weight").fill(1);
    this.parameters.value("5.weight").fill(1);
  }

  /** The logits of a batch, with batch norm as in training. */
  forward(images: Float32Array): Float32Array {
    const { kernels, parameters: p, stages, hidden, activated, logits, flatFeatures } = this;
    const { batch, hiddenFeatures, classes } = this.options;
    const flat = this.forwardStage(stages[1], 4, this.forwardStage(stages[0], 0, images));
    kernels.linear(flat, p.value("9.weight"), p.value("9.bias"), hidden, batch, flatFeatures, hiddenFeatures);
    kernels.relu(hidden, activated);
    kernels.linear(activated, p.value("11.weight"), p.value("11.bias"), logits, batch, hiddenFeatures, classes);
    return logits;
  }

  private forwardStage(stage: Stage, layer: number, x: Float32Array): Float32Array {
    const { kernels, parameters: p } = this;
    kernels.conv2d(x, p.value(`${layer}.weight`), p.value(`${layer}.bias`), stage.convolved, stage.conv);
    const gamma = p.value(`${layer + 1}.weight`);
    kernels.batchNorm(stage.convolved, gamma, p.value(`${layer + 1}.bias`), stage.normalized, stage.statistics);
    kernels.relu(stage.normalized, stage.rectified);
    kernels.maxPool2d(stage.rectified, stage.pooled, stage.argmax, stage.pool);
    return stage.pooled;
  }

  /** Writes the gradients of all parameters and returns the mean loss. */
  computeGradients(images: Float32Array, labels: Uint8Array | Int32Array): number {
    const { kernels, parameters: p, stages, activated, hiddenGradient, activatedGradient, logitsGradient } = this;
    const { batch, hiddenFeatures, classes } = this.options;
    const logits = this.forward(images);
    const loss = kernels.softmaxCrossEntropy(logits, labels, logitsGradient, batch, classes);

    const [dw11, dbias11] = [p.gradient("11.weight"), p.gradient("11.bias")];
    kernels.linearWeightGradient(activated, logitsGradient, dw11, dbias11, batch, hiddenFeatures, classes);
    kernels.linearInputGradient(
      logitsGradient,
      p.value("11.weight"),
      activatedGradient,
      batch,
      hiddenFeatures,
      classes,
    );
    kernels.reluBackward(activated, activatedGradient, hiddenGradient);
    const { pooled: flat, pooledGradient: flatGradient } = stages[1];
    const [dw9, dbias9] = [p.gradient("9.weight"), p.gradient("9.bias")];
    kernels.linearWeightGradient(flat, hiddenGradient, dw9, dbias9, batch, this.flatFeatures, hiddenFeatures);
    const w9 = p.value("9.weight");
    kernels.linearInputGradient(hiddenGradient, w9, flatGradient, batch, this.flatFeatures, hiddenFeatures);

    this.backwardStage(stages[1], 4, stages[0].pooled);
    const { convolvedGradient, conv } = stages[1];
    kernels.conv2dInputGradient(convolvedGradient, p.value("4.weight"), stages[0].pooledGradient, conv);
    this.backwardStage(stages[0], 0, images);
    return loss;
  }

  /** From the gradient of the stage's output to that of its convolution's output and of its parameters. */
  private backwardStage(stage: Stage, layer: number, x: Float32Array): void {
    const { kernels, parameters: p } = this;
    const { convolved, convolvedGradient, normalizedGradient, rectified, rectifiedGradient } = stage;
    kernels.maxPool2dBackward(stage.pooledGradient, stage.argmax, rectifiedGradient);
    kernels.reluBackward(rectified, rectifiedGradient, normalizedGradient);
    kernels.batchNormBackward(
      convolved,
      p.value(`${layer + 1}.weight`),
      normalizedGradient,
      convolvedGradient,
      p.gradient(`${layer + 1}.weight`),
      p.gradient(`${layer + 1}.bias`),
      stage.statistics,
    );
    const [dw, dbias] = [p.gradient(`${layer}.weight`), p.gradient(`${layer}.bias`)];
    kernels.conv2dWeightGradient(x, convolvedGradient, dw, dbias, stage.conv);
  }

  /** One training step. Returns the mean loss before it. */
  step(images: Float32Array, labels: Uint8Array | Int32Array): number {
    const loss = this.computeGradients(images, labels);
    this.steps++;
    const { values, gradients, firstMoments, secondMoments } = this.parameters;
    this.kernels.adam(values, gradients, firstMoments, secondMoments, this.steps, this.options.adam);
    return loss;
  }
}

import { Random } from "../../src/engine/index.js";
import type { AdamOptions, Kernels } from "./kernels.js";
import { initialize, Parameters } from "./parameters.js";

export interface MlpOptions {
  /** Features of the input, of every hidden layer and of the output, e.g. [784, 128, 64, 10]. */
  readonly features: readonly number[];
  readonly activation: "relu" | "sigmoid";
  readonly optimizer: { readonly sgd: { readonly learningRate: number } } | { readonly adam: AdamOptions };
  readonly batch: number;
  readonly seed?: number;
}

/** The buffers of one linear layer. */
interface Layer {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly weightGradient: Float32Array;
  readonly biasGradient: Float32Array;
  /** x·w + bias, and what the activation makes of it (for the last layer: the same array). */
  readonly output: Float32Array;
  readonly activated: Float32Array;
  readonly outputGradient: Float32Array;
  readonly activatedGradient: Float32Array;
}

/** A classifier of linear layers with an activation between them, and its training step, in plain JavaScript. */
export class Mlp {
  readonly parameters: Parameters;
  private readonly layers: readonly Layer[];
  private steps = 0;

  constructor(
    private readonly kernels: Kernels,
    private readonly options: MlpOptions,
  ) {
    const { features, activation, batch, seed = 0 } = options;
    const sizes = features.slice(1).map((outFeatures, i) => ({ inFeatures: features[i]!, outFeatures }));
    // Named as in a sequence of flatten, linear, activation, linear, …
    const parameters = new Parameters(
      Object.fromEntries(
        sizes.flatMap(({ inFeatures, outFeatures }, i) => [
          [`${2 * i + 1}.weight`, [inFeatures, outFeatures]],
          [`${2 * i + 1}.bias`, [outFeatures]],
        ]),
      ),
    );
    const random = new Random(seed);
    this.parameters = parameters;
    this.layers = sizes.map(({ inFeatures, outFeatures }, i) => {
      const isLast = i === sizes.length - 1;
      const weight = parameters.value(`${2 * i + 1}.weight`);
      initialize(weight, inFeatures, activation === "relu" && !isLast ? 2 : 1, random);
      const output = new Float32Array(batch * outFeatures);
      const outputGradient = new Float32Array(batch * outFeatures);
      return {
        inFeatures,
        outFeatures,
        weight,
        bias: parameters.value(`${2 * i + 1}.bias`),
        weightGradient: parameters.gradient(`${2 * i + 1}.weight`),
        biasGradient: parameters.gradient(`${2 * i + 1}.bias`),
        output,
        outputGradient,
        activated: isLast ? output : new Float32Array(batch * outFeatures),
        activatedGradient: isLast ? outputGradient : new Float32Array(batch * outFeatures),
      };
    });
  }

  /** The logits of a batch. */
  forward(inputs: Float32Array): Float32Array {
    const { kernels } = this;
    const { activation, batch } = this.options;
    let x = inputs;
    for (const { weight, bias, output, activated, inFeatures, outFeatures } of this.layers) {
      kernels.linear(x, weight, bias, output, batch, inFeatures, outFeatures);
      if (activated !== output) kernels[activation](output, activated);
      x = activated;
    }
    return x;
  }

  /** Writes the gradients of all parameters and returns the mean loss. */
  computeGradients(inputs: Float32Array, labels: Uint8Array | Int32Array): number {
    const { kernels, layers } = this;
    const { activation, batch } = this.options;
    const logits = this.forward(inputs);
    const last = layers.at(-1)!;
    const loss = kernels.softmaxCrossEntropy(logits, labels, last.outputGradient, batch, last.outFeatures);
    for (let i = layers.length - 1; i >= 0; i--) {
      const layer = layers[i]!;
      const { inFeatures, outFeatures, output, activated, outputGradient: dy } = layer;
      if (activated !== output) kernels[`${activation}Backward`](activated, layer.activatedGradient, dy);
      const below = layers[i - 1];
      const x = below ? below.activated : inputs;
      const { weight, weightGradient, biasGradient } = layer;
      kernels.linearWeightGradient(x, dy, weightGradient, biasGradient, batch, inFeatures, outFeatures);
      if (below) kernels.linearInputGradient(dy, weight, below.activatedGradient, batch, inFeatures, outFeatures);
    }
    return loss;
  }

  /** One training step. Returns the mean loss before it. */
  step(inputs: Float32Array, labels: Uint8Array | Int32Array): number {
    const { kernels, parameters } = this;
    const { optimizer } = this.options;
    const loss = this.computeGradients(inputs, labels);
    this.steps++;
    const { values, gradients, firstMoments, secondMoments } = parameters;
    if ("sgd" in optimizer) kernels.sgd(values, gradients, optimizer.sgd.learningRate);
    else kernels.adam(values, gradients, firstMoments, secondMoments, this.steps, optimizer.adam);
    return loss;
  }
}

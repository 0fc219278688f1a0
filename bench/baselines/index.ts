import { Cnn, type CnnOptions } from "./cnn.js";
import type { AdamOptions } from "./kernels.js";
import { Mlp, type MlpOptions } from "./mlp.js";
import { naiveKernels } from "./naive/index.js";
import { createTunedKernels } from "./tuned/index.js";

export { Cnn, type CnnOptions } from "./cnn.js";
export * from "./kernels.js";
export { Mlp, type MlpOptions } from "./mlp.js";
export { naiveKernels } from "./naive/index.js";
export { createTunedKernels } from "./tuned/index.js";

export const batch = 64;
const adam: AdamOptions = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** 784-128-64-10 with sigmoid units, trained by SGD. */
const sigmoidMlp: MlpOptions = {
  features: [784, 128, 64, 10],
  activation: "sigmoid",
  optimizer: { sgd: { learningRate: 0.5 } },
  batch,
};
/** 784-256-128-10 with ReLU, trained by Adam. */
const reluMlp: MlpOptions = { features: [784, 256, 128, 10], activation: "relu", optimizer: { adam }, batch };
const mnistCnn: CnnOptions = { batch, size: 28, channels: [16, 32], hiddenFeatures: 128, classes: 10, adam };

/** The whole training steps that are compared, at batch 64, in the naive form. */
export class NaiveSigmoidMlp extends Mlp {
  constructor() {
    super(naiveKernels, sigmoidMlp);
  }
}
export class NaiveReluMlp extends Mlp {
  constructor() {
    super(naiveKernels, reluMlp);
  }
}
export class NaiveCnn extends Cnn {
  constructor() {
    super(naiveKernels, mnistCnn);
  }
}

/** The same in the tuned form. */
export class TunedSigmoidMlp extends Mlp {
  constructor() {
    super(createTunedKernels(), sigmoidMlp);
  }
}
export class TunedReluMlp extends Mlp {
  constructor() {
    super(createTunedKernels(), reluMlp);
  }
}
export class TunedCnn extends Cnn {
  constructor() {
    super(createTunedKernels(), mnistCnn);
  }
}

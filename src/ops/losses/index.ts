export { accuracy } from "./accuracy.js";
export {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  type BinaryCrossEntropyWithLogitsOptions,
  focal,
  type FocalOptions,
  multilabelSoftMargin,
  type MultilabelSoftMarginOptions,
  softMargin,
} from "./binary.js";
export {
  type ClassWeightsOptions,
  crossEntropy,
  type CrossEntropyOptions,
  multiMargin,
  type MultiMarginOptions,
  nll,
  type NllOptions,
} from "./classes.js";
export { ctc, type CtcOptions } from "./ctc.js";
export {
  halfSumOfSquares,
  huber,
  type HuberOptions,
  meanAbsoluteError,
  meanSquaredError,
  smoothL1,
  type SmoothL1Options,
} from "./distances.js";
export {
  cosineEmbedding,
  infoNce,
  type InfoNceOptions,
  tripletMargin,
  type TripletMarginOptions,
} from "./embeddings.js";
export {
  gaussianNll,
  type GaussianNllOptions,
  klDivergence,
  type KlDivergenceOptions,
  poissonNll,
  type PoissonNllOptions,
} from "./likelihoods.js";
export { type LossOptions, type LossReduction, type PairLoss } from "./loss.js";
export { hinge, hingeEmbedding, type MarginOptions, marginRanking } from "./margins.js";
export { softmaxCrossEntropy } from "./softmaxCrossEntropy.js";

export { crossEntropy, ctc, type CtcLossOptions, multiMargin, nll } from "./classes.js";
export { custom, type CustomLoss, type Loss, type LossFactory, type LossFunction } from "./loss.js";
export {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  focal,
  halfSumOfSquares,
  hinge,
  hingeEmbedding,
  huber,
  klDivergence,
  meanAbsoluteError,
  meanSquaredError,
  multilabelSoftMargin,
  poissonNll,
  smoothL1,
  softMargin,
} from "./values.js";

import type { Value } from "../../../src/graph/index.js";
import { losses, ops } from "../../../src/index.js";
import type { Call, Calls } from "../call.js";

function loss(make: Call["run"], options: object = {}): Call {
  return { run: make, values: () => [{ reduction: "mean", ...options }] };
}

const custom = {
  apply: (prediction: Value, target: Value): Value => ops.meanSquaredError(prediction, target),
  name: "mine",
  targets: "values",
  takes: "logits",
  takesProbabilities: true,
  ignoreIndex: -1,
  targetShape: (shape: readonly number[]) => shape,
  countCorrect: ops.accuracy,
};

/** Right calls of what makes losses for trainers. */
export const calls: Calls = {
  "losses.binaryCrossEntropy": loss(losses.binaryCrossEntropy),
  "losses.binaryCrossEntropyWithLogits": loss(losses.binaryCrossEntropyWithLogits, { posWeight: [1, 2] }),
  "losses.crossEntropy": loss(losses.crossEntropy, { classWeights: [1, 2], ignoreIndex: -1, labelSmoothing: 0.1 }),
  "losses.ctc": loss(losses.ctc, { blank: 0, zeroInfinity: true }),
  "losses.custom": { run: losses.custom, values: () => [custom] },
  "losses.focal": loss(losses.focal, { alpha: 0.3, gamma: 1 }),
  "losses.halfSumOfSquares": loss(losses.halfSumOfSquares),
  "losses.hinge": loss(losses.hinge),
  "losses.hingeEmbedding": loss(losses.hingeEmbedding, { margin: 1 }),
  "losses.huber": loss(losses.huber, { delta: 2 }),
  "losses.klDivergence": loss(losses.klDivergence, { reduction: "batchMean", logTarget: true }),
  "losses.meanAbsoluteError": loss(losses.meanAbsoluteError),
  "losses.meanSquaredError": loss(losses.meanSquaredError),
  "losses.multiMargin": loss(losses.multiMargin, { margin: 1, p: 2, classWeights: [1, 2] }),
  "losses.multilabelSoftMargin": loss(losses.multilabelSoftMargin, { classWeights: [1, 2] }),
  "losses.nll": loss(losses.nll, { classWeights: [1, 2], ignoreIndex: 3 }),
  "losses.poissonNll": loss(losses.poissonNll, { logInput: true, full: true, epsilon: 0 }),
  "losses.smoothL1": loss(losses.smoothL1, { beta: 1 }),
  "losses.softMargin": loss(losses.softMargin),
};

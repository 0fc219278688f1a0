import { type Numbers, numberFrom, optional, ShapeError } from "../../engine/index.js";
import {
  broadcastsTo,
  checkEqualShapes,
  formatShape,
  formatValue,
  reducedShape,
  type Value,
} from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { negate } from "../elementwise/magnitude.js";
import { multiply } from "../elementwise/multiply.js";
import { pow } from "../elementwise/powers.js";
import { mean } from "../reductions/sum.js";
import { sigmoid } from "../activations/sigmoid.js";
import { logistic } from "./logistic.js";
import { lossFunction, type LossOptions, type PairLoss } from "./loss.js";
import { mixed, probabilityLossOperation } from "./probabilityLoss.js";

// Losses of yes or no: each element is the probability, or the logit, of one of two outcomes.

/** Throws ShapeError unless values for each class broadcast to the prediction. */
function checkClasses(operation: string, name: string, given: Value | undefined, prediction: Value): void {
  if (!given || broadcastsTo(given.shape, prediction.shape)) return;
  throw new ShapeError(
    `${operation}: ${name} are ${formatValue(given)}; want one for each class along the last axis of ` +
      formatShape(prediction.shape),
  );
}

/**
 * Mean over all elements of −t·ln p − (1 − t)·ln(1 − p) for probabilities p and targets t from 0 to 1, as PyTorch's BCELoss:
 * equal shapes → [1]. Logarithms are at least −100, so that a certain prediction that is wrong costs 100. Throws ShapeError.
 */
export const binaryCrossEntropy: PairLoss = /* @__PURE__ */ lossFunction({
  name: "binaryCrossEntropy",
  inputs: ["prediction", "target"],
  each: ({ prediction, target }) => probabilityLossOperation.apply({ p: prediction, target }).y,
});

/** Options of `binaryCrossEntropyWithLogits`. */
export interface BinaryCrossEntropyWithLogitsOptions extends LossOptions {
  /** How much more a target of 1 counts, for each class along the last axis. Default 1. */
  readonly posWeight?: Value | Numbers;
}

/**
 * Mean over all elements of the binary cross-entropy of sigmoid(logit) and a target from 0 to 1, exact for logits of any size, as
 * PyTorch's BCEWithLogitsLoss: equal shapes → [1]. The gradient is sigmoid(logit) − target. Throws ShapeError.
 */
export const binaryCrossEntropyWithLogits: PairLoss<BinaryCrossEntropyWithLogitsOptions> = /* @__PURE__ */ lossFunction(
  {
    name: "binaryCrossEntropyWithLogits",
    inputs: ["prediction", "target", "posWeight?"],
    shape({ prediction, target, posWeight }) {
      checkEqualShapes("binaryCrossEntropyWithLogits", prediction, target);
      checkClasses("binaryCrossEntropyWithLogits", "posWeight", posWeight, prediction);
      return prediction.shape;
    },
    each({ prediction, target, posWeight }) {
      const ofOne = logistic(negate(prediction));
      return mixed(target, posWeight ? multiply(posWeight, ofOne) : ofOne, logistic(prediction));
    },
  },
);

/** Options of `focal`. */
export interface FocalOptions extends LossOptions {
  /** How much targets of 1 count, against 1 − α for those of 0; −1 for all the same. Default 0.25. */
  readonly alpha?: number;
  /** The power of how wrong a prediction is by which it counts. Default 2. */
  readonly gamma?: number;
}

/**
 * Mean over all elements of the binary cross-entropy of sigmoid(logit), times (1 − p)^γ with p the probability of what is right,
 * so that what is nearly right counts little (Lin et al., 2017; as torchvision's sigmoid_focal_loss): equal shapes → [1]. Throws
 * ShapeError, ArgumentError.
 */
export const focal: PairLoss<FocalOptions> = /* @__PURE__ */ lossFunction({
  name: "focal",
  inputs: ["prediction", "target"],
  options: () => ({ alpha: optional(numberFrom(-1, 1), 0.25), gamma: optional(numberFrom(0), 2) }),
  each({ prediction, target }, { alpha, gamma }) {
    const opposite = negate(prediction);
    const entropy = mixed(target, logistic(opposite), logistic(prediction));
    const wrong = mixed(target, sigmoid(opposite), sigmoid(prediction));
    const loss = multiply(entropy, pow(wrong, gamma));
    if (alpha < 0) return loss;
    return multiply(loss, add(multiply(target, 2 * alpha - 1), 1 - alpha));
  },
});

/**
 * Mean over all elements of ln(1 + e^(−target·prediction)), with targets 1 and −1, as PyTorch's SoftMarginLoss but exact for
 * predictions of any size: equal shapes → [1]. Throws ShapeError.
 */
export const softMargin: PairLoss = /* @__PURE__ */ lossFunction({
  name: "softMargin",
  inputs: ["prediction", "target"],
  each: ({ prediction, target }) => logistic(negate(multiply(target, prediction))),
});

/** Options of `multilabelSoftMargin`. */
export interface MultilabelSoftMarginOptions extends LossOptions {
  /** A factor for each class. Default 1. */
  readonly classWeights?: Value | Numbers;
}

/**
 * The mean over classes of the binary cross-entropy of sigmoid(logit), and over all places of that, as PyTorch's
 * MultiLabelSoftMarginLoss: [..., classes] twice → [1]; the losses are [...]. Throws ShapeError.
 */
export const multilabelSoftMargin: PairLoss<MultilabelSoftMarginOptions> = /* @__PURE__ */ lossFunction({
  name: "multilabelSoftMargin",
  inputs: ["prediction", "target", "classWeights?"],
  shape({ prediction, target, classWeights }) {
    checkEqualShapes("multilabelSoftMargin", prediction, target);
    checkClasses("multilabelSoftMargin", "classWeights", classWeights, prediction);
    if (prediction.shape.length > 0) return reducedShape(prediction.shape, [prediction.shape.length - 1], false);
    throw new ShapeError(`multilabelSoftMargin: wants an axis of classes, got ${formatValue(prediction)}`);
  },
  each({ prediction, target, classWeights }) {
    const losses = mixed(target, logistic(negate(prediction)), logistic(prediction));
    return mean(classWeights ? multiply(losses, classWeights) : losses, { axes: -1 });
  },
});

import { type Numbers, numberFrom, integerFrom, optional, ShapeError } from "../../engine/index.js";
import { checkEqualShapes, formatValue, reshaped, type Shape, type Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { equal, greaterEqual, less } from "../elementwise/comparisons.js";
import { clamp } from "../elementwise/extrema.js";
import { logicalAnd } from "../elementwise/logical.js";
import { negate } from "../elementwise/magnitude.js";
import { multiply } from "../elementwise/multiply.js";
import { square } from "../elementwise/powers.js";
import { scale } from "../elementwise/scale.js";
import { subtract } from "../elementwise/subtract.js";
import { where } from "../elementwise/where.js";
import { logSoftmax } from "../activations/logSoftmax.js";
import { mean, sum } from "../reductions/sum.js";
import { labelledRows, rowsOf } from "../rows.js";
import { lossFunction, type LossOptions, type PairLoss } from "./loss.js";
import { softmaxCrossEntropyOperation } from "./softmaxCrossEntropy.js";

// Losses of a choice between classes, which are the last axis.

/** An option of losses with a factor for each class. */
export interface ClassWeightsOptions extends LossOptions {
  /** A factor for each class, shape [classes]. Default 1. */
  readonly classWeights?: Value | Numbers;
}

/** Options of `nll`. */
export interface NllOptions extends ClassWeightsOptions {
  /** A label whose places cost nothing and do not count. Default −100. */
  readonly ignoreIndex?: number;
}

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions extends NllOptions {
  /** The part of the target that is spread over all classes alike, from 0 to 1. Default 0. */
  readonly labelSmoothing?: number;
}

const labelReader = () => optional(integerFrom(-(2 ** 31), 2 ** 31 - 1), -100);

function checkClassWeights(operation: string, { shape }: Value, classWeights?: Value): void {
  const classes = shape.at(-1)!;
  if (!classWeights || (classWeights.shape.length === 1 && classWeights.shape[0] === classes)) return;
  throw new ShapeError(
    `${operation}: classWeights are ${formatValue(classWeights)}; want one for each of ${classes} classes, [${classes}]`,
  );
}

interface Labelled {
  readonly prediction: Value;
  readonly target: Value;
  readonly classWeights?: Value | undefined;
}

function placesOf(operation: string, { prediction, target, classWeights }: Labelled): Shape {
  labelledRows(operation, prediction, target);
  checkClassWeights(operation, prediction, classWeights);
  return target.shape;
}

/** Whether each class is that of its place: [...] → [..., classes]. */
function isLabel(labels: Value, classes: number): Value {
  return equal(labels.graph.iota(classes), reshaped(labels, [...labels.shape, 1]));
}

/** Of each row x [..., classes], or of one for all, the element at the label [...]. */
function picked(x: Value, labels: Value): Value {
  return sum(where(isLabel(labels, x.shape.at(-1)!), x, 0), { axes: -1 });
}

/** Labels that are classes everywhere, and how much each place counts: NaN where the label was none. */
function weighed({ prediction, target, classWeights }: Labelled) {
  const isClass = logicalAnd(greaterEqual(target, 0), less(target, prediction.shape.at(-1)!));
  const labels = where(isClass, target, 0);
  return { labels, factors: where(isClass, classWeights ? picked(classWeights, labels) : 1, NaN) };
}

/** The same with places that do not count. */
function counted(inputs: Labelled, ignoreIndex: number) {
  const { labels, factors } = weighed(inputs);
  const isIgnored = equal(inputs.target, ignoreIndex);
  return { labels, isIgnored, factors: where(isIgnored, 0, factors) };
}

/**
 * Mean of −x[label] for logarithms of probabilities x [..., classes] and int32 labels [...], as PyTorch's NLLLoss: → [1]. Each
 * place counts as much as its class, and the mean divides by the sum of that: NaN if no place counts. A label that is neither a
 * class nor ignored gives NaN. Throws ShapeError, ArgumentError.
 */
export const nll: PairLoss<NllOptions> = /* @__PURE__ */ lossFunction({
  name: "nll",
  inputs: ["prediction", "target", "classWeights?"],
  otherTypes: ["target"],
  options: () => ({ ignoreIndex: labelReader() }),
  shape: (inputs) => placesOf("nll", inputs),
  each(inputs, { ignoreIndex }) {
    const { labels, isIgnored, factors } = counted(inputs, ignoreIndex);
    const losses = multiply(factors, negate(picked(inputs.prediction, labels)));
    return { losses: where(isIgnored, 0, losses), divisor: sum(factors) };
  },
});

/**
 * Mean of −ln softmax(logits)[label] over logits [..., classes] and int32 labels [...], or of −Σ target·ln softmax(logits) over
 * float32 targets [..., classes], as PyTorch's CrossEntropyLoss: → [1]. Of labels the mean divides by the sum of the weights of
 * their classes, NaN if no place counts; of probabilities by the number of places. A label that is neither a class nor ignored
 * gives NaN. Throws ShapeError, ArgumentError.
 */
export const crossEntropy: PairLoss<CrossEntropyOptions> = /* @__PURE__ */ lossFunction({
  name: "crossEntropy",
  inputs: ["prediction", "target", "classWeights?"],
  otherTypes: ["target"],
  options: () => ({ ignoreIndex: labelReader(), labelSmoothing: optional(numberFrom(0, 1), 0) }),
  shape(inputs) {
    const { prediction, target, classWeights } = inputs;
    if (target.dataType !== "f32") return placesOf("crossEntropy", inputs);
    rowsOf("crossEntropy", prediction);
    checkEqualShapes("crossEntropy", prediction, target);
    checkClassWeights("crossEntropy", prediction, classWeights);
    return prediction.shape.slice(0, -1);
  },
  each(inputs, { ignoreIndex, labelSmoothing }) {
    const { prediction, target, classWeights } = inputs;
    const spread = labelSmoothing / prediction.shape.at(-1)!;
    const costs = (ofClass: Value | undefined, logarithms: Value): Value => {
      return negate(sum(ofClass ? multiply(ofClass, logarithms) : logarithms, { axes: -1 }));
    };
    if (target.dataType === "f32") {
      const smoothed = spread > 0 ? add(scale(target, 1 - labelSmoothing), spread) : target;
      return costs(classWeights ? multiply(smoothed, classWeights) : smoothed, logSoftmax(prediction));
    }
    const { labels, isIgnored, factors } = counted(inputs, ignoreIndex);
    const divisor = sum(factors);
    const ofLabels = (losses: Value): Value => multiply(factors, losses);
    if (spread === 0) {
      const { y } = softmaxCrossEntropyOperation.apply({ logits: prediction, labels }, { isMean: false });
      return { losses: where(isIgnored, 0, ofLabels(y)), divisor };
    }
    const logarithms = logSoftmax(prediction);
    const right = scale(ofLabels(picked(logarithms, labels)), labelSmoothing - 1);
    const losses = add(right, scale(costs(classWeights, logarithms), spread));
    return { losses: where(isIgnored, 0, losses), divisor };
  },
});

/** Options of `multiMargin`. */
export interface MultiMarginOptions extends ClassWeightsOptions {
  /** By how much the score of the label must exceed the others. Default 1. */
  readonly margin?: number;
  /** Whether what is missing counts as it is (1) or squared (2). Default 1. */
  readonly p?: 1 | 2;
}

/**
 * The hinge of a choice between classes: mean over places of Σ max(0, margin − x[label] + x[i])ᵖ/classes over the classes i beside
 * the label, as PyTorch's MultiMarginLoss: scores [..., classes], int32 labels [...] → [1]. Throws ShapeError, ArgumentError.
 */
export const multiMargin: PairLoss<MultiMarginOptions> = /* @__PURE__ */ lossFunction({
  name: "multiMargin",
  inputs: ["prediction", "target", "classWeights?"],
  otherTypes: ["target"],
  options: () => ({ margin: optional(numberFrom(-Infinity), 1), p: optional(integerFrom(1, 2), 1) }),
  shape: (inputs) => placesOf("multiMargin", inputs),
  each(inputs, { margin, p }) {
    const { prediction, target } = inputs;
    const { labels, factors } = weighed(inputs);
    const ofLabel = reshaped(picked(prediction, labels), [...target.shape, 1]);
    const missing = clamp(add(subtract(prediction, ofLabel), margin), { min: 0 });
    const costs = where(isLabel(labels, prediction.shape.at(-1)!), 0, p === 1 ? missing : square(missing));
    return multiply(mean(costs, { axes: -1 }), factors);
  },
});

import { numberFrom, optional, ShapeError } from "../../engine/index.js";
import { checkEqualShapes, formatValue, type Value } from "../../graph/index.js";
import { less } from "../elementwise/comparisons.js";
import { divide } from "../elementwise/divide.js";
import { abs, sign } from "../elementwise/magnitude.js";
import { multiply } from "../elementwise/multiply.js";
import { square } from "../elementwise/powers.js";
import { scale } from "../elementwise/scale.js";
import { subtract } from "../elementwise/subtract.js";
import { where } from "../elementwise/where.js";
import { lossFunction, type LossOptions, type PairLoss } from "./loss.js";

// Losses by the distance of a prediction from its target, element by element.

/** Mean over all elements of (prediction − target)², as PyTorch's MSELoss: equal shapes → [1]. Throws ShapeError. */
export const meanSquaredError: PairLoss = /* @__PURE__ */ lossFunction({
  name: "meanSquaredError",
  inputs: ["prediction", "target"],
  each: ({ prediction, target }) => square(subtract(prediction, target)),
});

/**
 * ½ Σ (prediction − target)² over all elements, divided by the batch B: [B, ...] twice → [1]. It is the loss of the classical
 * backpropagation notes; the gradient is (prediction − target)/B. Throws ShapeError.
 */
export const halfSumOfSquares: PairLoss = /* @__PURE__ */ lossFunction({
  name: "halfSumOfSquares",
  inputs: ["prediction", "target"],
  shape({ prediction, target }) {
    checkEqualShapes("halfSumOfSquares", prediction, target);
    if (prediction.shape.length > 0) return prediction.shape;
    throw new ShapeError(`halfSumOfSquares: wants a batch axis, got ${formatValue(prediction)}`);
  },
  each: ({ prediction, target }) => ({
    losses: scale(square(subtract(prediction, target)), 0.5),
    divisor: prediction.shape[0]!,
  }),
});

/** Mean over all elements of |prediction − target|, as PyTorch's L1Loss: equal shapes → [1]. The gradient of 0 is 0. Throws ShapeError. */
export const meanAbsoluteError: PairLoss = /* @__PURE__ */ lossFunction({
  name: "meanAbsoluteError",
  inputs: ["prediction", "target"],
  each: ({ prediction, target }) => abs(subtract(prediction, target)),
});

/** Options of `huber`. */
export interface HuberOptions extends LossOptions {
  /** The distance at which squares become straight lines; above 0. Default 1. */
  readonly delta?: number;
}

/**
 * The difference up to a limit, and the whole less half of that: their product is ½ d² within the limit, a line from there on,
 * without a second derivative, as PyTorch has it.
 */
function upTo(limit: number, prediction: Value, target: Value) {
  const difference = subtract(prediction, target);
  const within = where(less(abs(difference), limit), difference, scale(sign(difference), limit));
  return { within, reach: subtract(difference, scale(within, 0.5)) };
}

/**
 * Mean over all elements of ½ d² where the distance d = |prediction − target| is at most δ, and δ·(d − δ/2) beyond, as PyTorch's
 * HuberLoss (Huber, 1964): equal shapes → [1]. Throws ShapeError, ArgumentError.
 */
export const huber: PairLoss<HuberOptions> = /* @__PURE__ */ lossFunction({
  name: "huber",
  inputs: ["prediction", "target"],
  options: () => ({ delta: optional(numberFrom(Number.MIN_VALUE), 1) }),
  each({ prediction, target }, { delta }) {
    const { within, reach } = upTo(delta, prediction, target);
    return multiply(within, reach);
  },
});

/** Options of `smoothL1`. */
export interface SmoothL1Options extends LossOptions {
  /** The distance at which squares become straight lines; 0 for lines everywhere. Default 1. */
  readonly beta?: number;
}

/**
 * Mean over all elements of ½ d²/β where the distance d = |prediction − target| is at most β, and d − β/2 beyond, as PyTorch's
 * SmoothL1Loss: equal shapes → [1]. Throws ShapeError, ArgumentError.
 */
export const smoothL1: PairLoss<SmoothL1Options> = /* @__PURE__ */ lossFunction({
  name: "smoothL1",
  inputs: ["prediction", "target"],
  options: () => ({ beta: optional(numberFrom(0), 1) }),
  each({ prediction, target }, { beta }) {
    if (beta === 0) return abs(subtract(prediction, target));
    const { within, reach } = upTo(beta, prediction, target);
    return multiply(divide(within, beta), reach);
  },
});

import { flag, numberFrom, optional, ShapeError } from "../../engine/index.js";
import { checkEqualShapes, formatValue, reshaped, type Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { equal, greater } from "../elementwise/comparisons.js";
import { divide } from "../elementwise/divide.js";
import { exp } from "../elementwise/exp.js";
import { log } from "../elementwise/log.js";
import { multiply } from "../elementwise/multiply.js";
import { square } from "../elementwise/powers.js";
import { scale } from "../elementwise/scale.js";
import { subtract } from "../elementwise/subtract.js";
import { where } from "../elementwise/where.js";
import { lossFunction, type LossOptions, type PairLoss } from "./loss.js";
import { raisedOperation } from "./raised.js";

// How improbable targets are under distributions that a model predicts.

/** t·ln t, and 0 for 0. */
function timesLogarithm(t: Value): Value {
  const isZero = equal(t, 0);
  return where(isZero, 0, multiply(t, log(where(isZero, 1, t))));
}

/** Options of `klDivergence`. */
export interface KlDivergenceOptions extends Omit<LossOptions, "reduction"> {
  /** "batchMean" divides the sum by the batch, as the definition has it; "mean" by all elements. Default "mean". */
  readonly reduction?: LossOptions["reduction"] | "batchMean";
  /** Whether targets are logarithms of probabilities, too. Default false. */
  readonly logTarget?: boolean;
}

/**
 * The Kullback-Leibler divergence t·(ln t − prediction) of logarithms of probabilities from target probabilities t, averaged over
 * all elements, as PyTorch's KLDivLoss: equal shapes → [1]. A target of 0 adds −0·prediction. Throws ShapeError, ArgumentError.
 */
export const klDivergence: (prediction: Value, target: Value, options?: KlDivergenceOptions) => Value =
  /* @__PURE__ */ lossFunction({
    name: "klDivergence",
    inputs: ["prediction", "target"],
    options: () => ({ logTarget: optional(flag, false) }),
    reductions: ["batchMean"],
    each({ prediction, target }, { logTarget, reduction }) {
      const losses = logTarget
        ? multiply(exp(target), subtract(target, prediction))
        : subtract(timesLogarithm(target), multiply(target, prediction));
      return { losses, divisor: reduction === "batchMean" ? (prediction.shape[0] ?? 1) : undefined };
    },
  });

/** Options of `poissonNll`. */
export interface PoissonNllOptions extends LossOptions {
  /** Whether predictions are logarithms of rates. Default true. */
  readonly logInput?: boolean;
  /** Whether to add Stirling's approximation of ln target!. Default false. */
  readonly full?: boolean;
  /** Added to rates before their logarithm is taken. Default 1e-8. */
  readonly epsilon?: number;
}

/**
 * Mean over all elements of rate − target·ln rate: how improbable counts are under Poisson distributions, but for a constant, as
 * PyTorch's PoissonNLLLoss: equal shapes → [1]. Throws ShapeError, ArgumentError.
 */
export const poissonNll: PairLoss<PoissonNllOptions> = /* @__PURE__ */ lossFunction({
  name: "poissonNll",
  inputs: ["prediction", "target"],
  options: () => ({
    logInput: optional(flag, true),
    full: optional(flag, false),
    epsilon: optional(numberFrom(0), 1e-8),
  }),
  each({ prediction, target }, { logInput, full, epsilon }) {
    const losses = logInput
      ? subtract(exp(prediction), multiply(target, prediction))
      : subtract(prediction, multiply(target, log(add(prediction, epsilon))));
    if (!full) return losses;
    const isLarge = greater(target, 1);
    const count = where(isLarge, target, 1);
    const logarithm = subtract(multiply(count, log(count)), count);
    return add(losses, where(isLarge, add(logarithm, scale(log(scale(count, 2 * Math.PI)), 0.5)), 0));
  },
});

/** Options of `gaussianNll`. */
export interface GaussianNllOptions extends LossOptions {
  /** Whether to add ½ ln 2π. Default false. */
  readonly full?: boolean;
  /** What variances are raised to, without an effect on their gradient. Default 1e-6. */
  readonly epsilon?: number;
}

/** Variances with the axes of the prediction. Throws ShapeError unless they are as it, or one for each row. */
function alignedVariance(prediction: Value, variance: Value): Value {
  const rows = [...prediction.shape.slice(0, -1), 1];
  const shapes = [prediction.shape, rows, rows.slice(0, -1)].map(String);
  if (shapes.includes(String(variance.shape))) {
    return variance.shape.length === rows.length ? variance : reshaped(variance, rows);
  }
  throw new ShapeError(
    `gaussianNll: variance is ${formatValue(variance)}; want one for each element of ${formatValue(prediction)}, or for ` +
      "each row along its last axis",
  );
}

/**
 * Mean over all elements of ½ (ln variance + (prediction − target)²/variance): how improbable targets are under normal distributions,
 * but for a constant, as PyTorch's GaussianNLLLoss: equal shapes → [1]; a variance may stand for a row. Throws ShapeError,
 * ArgumentError.
 */
export const gaussianNll: (prediction: Value, target: Value, variance: Value, options?: GaussianNllOptions) => Value =
  /* @__PURE__ */ lossFunction({
    name: "gaussianNll",
    inputs: ["prediction", "target", "variance"],
    options: () => ({ full: optional(flag, false), epsilon: optional(numberFrom(0), 1e-6) }),
    shape({ prediction, target, variance }) {
      checkEqualShapes("gaussianNll", prediction, target);
      alignedVariance(prediction, variance);
      return prediction.shape;
    },
    each({ prediction, target, variance }, { full, epsilon }) {
      const raised = raisedOperation.apply({ x: alignedVariance(prediction, variance) }, { limit: epsilon }).y;
      const losses = scale(add(divide(square(subtract(prediction, target)), raised), log(raised)), 0.5);
      return full ? add(losses, Math.log(2 * Math.PI) / 2) : losses;
    },
  });

import { flag, integerFrom, numberFrom, optional, ShapeError } from "../../engine/index.js";
import { define, formatValue, reshaped, sizeOf, type Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { scale } from "../elementwise/scale.js";
import { mean } from "../reductions/sum.js";
import { variance } from "../reductions/variance.js";
import { channelsOf, checkRunning } from "./channels.js";
import { layerNormOperation } from "./layerNorm.js";
import { scaledAndShifted, standardise, standardisedBy } from "./standardise.js";

/** Options of `groupNorm`. */
export interface GroupNormOptions {
  /** In how many groups the channels are normalised together. */
  readonly numGroups: number;
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
}

export const groupNormOperation = /* @__PURE__ */ define({
  name: "groupNorm",
  inputs: ["x", "gamma?", "beta?"],
  attributes: { numGroups: 1, epsilon: 1e-5 },
  options: () => ({ numGroups: integerFrom(1), epsilon: optional(numberFrom(0), 1e-5) }),
  shape({ x, gamma, beta }, { numGroups }) {
    const channels = channelsOf("groupNorm", x, [gamma, beta]);
    if (channels % numGroups === 0) return { y: x.shape };
    throw new ShapeError(
      `groupNorm: numGroups must divide the ${channels} channels of ${formatValue(x)}, got ${numGroups}`,
    );
  },
  compose({ x, gamma, beta }, { numGroups, epsilon }) {
    const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!];
    const [places, perGroup] = [sizeOf(x.shape.slice(1, -1)), channels / numGroups];
    // A group whose elements lie one after another is a row.
    const isRow = places === 1 || numGroups === 1;
    const groups = reshaped(x, isRow ? [batch, numGroups, places * perGroup] : [batch, places, numGroups, perGroup]);
    const y = isRow ? layerNormOperation.apply({ x: groups }, { epsilon }).y : standardise(groups, [1, 3], epsilon);
    return { y: scaledAndShifted(reshaped(y, x.shape), gamma, beta) };
  },
});

/**
 * (x − mean)/√(variance + ε)·gamma + beta, normalised over a group of neighbouring channels and all places of each sample: x
 * [B, ..., C], gamma and beta [C] → [B, ..., C] (Wu and He, "Group Normalization", 2018). The variance is the biased one.
 * @throws ShapeError for shapes that do not fit, and groups that do not divide the channels; ArgumentError for ε < 0
 */
export function groupNorm(
  x: Value,
  gamma: Value | undefined,
  beta: Value | undefined,
  options: GroupNormOptions,
): Value {
  return groupNormOperation.call({ x, gamma, beta }, options).y;
}

/** Options of `instanceNorm`. */
export interface InstanceNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Weight of the batch in the running statistics. Default 0.1. */
  readonly momentum?: number;
  /** Normalise by each sample's statistics and update the running ones, if given; else normalise by those. Default true. */
  readonly training?: boolean;
}

const instanceNormDefaults = { epsilon: 1e-5, momentum: 0.1, training: true };

export const instanceNormOperation = /* @__PURE__ */ define({
  name: "instanceNorm",
  inputs: ["x", "gamma?", "beta?", "runningMean?", "runningVariance?"],
  attributes: instanceNormDefaults,
  options: () => ({
    training: optional(flag, instanceNormDefaults.training),
    epsilon: optional(numberFrom(0), instanceNormDefaults.epsilon),
    momentum: optional(numberFrom(0, 1), instanceNormDefaults.momentum),
  }),
  shape({ x, gamma, beta, runningMean, runningVariance }, { training }) {
    channelsOf("instanceNorm", x, [gamma, beta, runningMean, runningVariance]);
    checkRunning("instanceNorm", runningMean, runningVariance, training);
    if (!training || sizeOf(x.shape.slice(1, -1)) !== 1) return { y: x.shape };
    throw new ShapeError(
      `instanceNorm: wants x [B, ..., C] of more than 1 place in each sample, got ${formatValue(x)}`,
    );
  },
  compose({ x, gamma, beta, runningMean, runningVariance }, { training, epsilon }) {
    const normalised = training
      ? standardise(x, placesOf(x), epsilon)
      : standardisedBy(x, runningMean!, runningVariance!, epsilon);
    return { y: scaledAndShifted(normalised, gamma, beta) };
  },
});

/** The axes between the batch and the channels. */
function placesOf(x: Value): readonly number[] {
  return x.shape.slice(1, -1).map((_, axis) => axis + 1);
}

/**
 * (x − mean)/√(variance + ε)·gamma + beta, normalised over all places of each sample and channel: x [B, ..., C], the others [C] →
 * [B, ..., C] (Ulyanov, Vedaldi and Lempitsky, "Instance Normalization", 2016). Running statistics, if given, must have memory of
 * their own (graph.state); in training they move towards the samples' mean statistics, with the unbiased variance.
 * @throws ShapeError for shapes that do not fit, and in training for samples of one place
 * @throws ArgumentError for ε < 0, and without running statistics in evaluation
 */
export function instanceNorm(
  x: Value,
  gamma?: Value,
  beta?: Value,
  runningMean?: Value,
  runningVariance?: Value,
  options: InstanceNormOptions = {},
): Value {
  const { y } = instanceNormOperation.call({ x, gamma, beta, runningMean, runningVariance }, options);
  const { momentum, training } = { ...instanceNormDefaults, ...options };
  if (training && runningMean && runningVariance) {
    const towards = (running: Value, ofSamples: Value): void =>
      x.graph.assign(running, add(scale(running, 1 - momentum), scale(mean(ofSamples, { axes: 0 }), momentum)));
    const axes = placesOf(x);
    towards(runningMean, mean(x, { axes }));
    towards(runningVariance, variance(x, { axes }));
  }
  return y;
}

import { numberFrom, optional } from "../../engine/index.js";
import { axesOf, define, gradientsOf, reducedShape, reductionOptions, type Value } from "../../graph/index.js";
import { equal } from "../elementwise/comparisons.js";
import { divide } from "../elementwise/divide.js";
import { scale } from "../elementwise/scale.js";
import { sqrt, square } from "../elementwise/powers.js";
import { subtract } from "../elementwise/subtract.js";
import { countOf, mean, meanOperation, type ReductionOptions } from "./sum.js";
import { where } from "../elementwise/where.js";

/** Options of `variance` and `std`. */
export interface VarianceOptions extends ReductionOptions {
  /** What the number of elements is less than it was, for the divisor: 1 makes the variance unbiased. Default 1, as in PyTorch. */
  readonly correction?: number;
}

const options = () => ({ ...reductionOptions(), correction: optional(numberFrom(0), 1) });

interface Attributes {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
  readonly correction: number;
}

const attributes: Attributes = { axes: [], keepDims: false, correction: 1 };

export const varianceOperation = /* @__PURE__ */ define({
  name: "variance",
  inputs: ["x"],
  attributes,
  options,
  fit: ({ x }, { axes, ...rest }) => ({ ...rest, axes: axesOf("variance", x, axes) }),
  shape: ({ x }, { axes, keepDims }) => ({ y: reducedShape(x.shape, axes, keepDims) }),
  compose({ x }, { axes, keepDims, correction }) {
    const deviation = subtract(x, mean(x, { axes, keepDims: true }));
    const divisor = Math.max(countOf(x, axes) - correction, 0);
    return { y: meanOperation.apply({ x: square(deviation) }, { axes, keepDims, divisor }).y };
  },
});

/**
 * The variance over some axes, by default all: the sum of squared deviations from the mean over n − correction; NaN if that is 0.
 * Two passes: mean, then deviations, so that nothing cancels.
 * @throws ShapeError for axes that x does not have, ArgumentError for integers
 */
export function variance(x: Value, options: VarianceOptions = {}): Value {
  return varianceOperation.call({ x }, options).y;
}

export const stdOperation = /* @__PURE__ */ define({
  name: "std",
  inputs: ["x"],
  attributes,
  options,
  fit: ({ x }, { axes, ...rest }) => ({ ...rest, axes: axesOf("std", x, axes) }),
  shape: ({ x }, { axes, keepDims }) => ({ y: reducedShape(x.shape, axes, keepDims) }),
  compose: ({ x }, given) => ({ y: sqrt(varianceOperation.apply({ x }, given).y) }),
  gradient({ inputs: { x }, outputs: { y }, attributes: given, upstreams: { y: dy } }) {
    // Where nothing deviates the gradient is taken to be 0, as PyTorch has it.
    const dVariance = where(equal(y, 0), 0, divide(dy, scale(y, 2)));
    const [dx] = gradientsOf(() => varianceOperation.apply({ x }, given).y, [x], dVariance);
    return { x: dx };
  },
});

/** The square root of `variance`, with the same options; 0 has the gradient 0. Throws as `variance` does. */
export function std(x: Value, options: VarianceOptions = {}): Value {
  return stdOperation.call({ x }, options).y;
}

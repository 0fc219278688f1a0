import { define, type Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { multiply } from "../elementwise/multiply.js";
import { rsqrt, square } from "../elementwise/powers.js";
import { subtract } from "../elementwise/subtract.js";
import { mean } from "../reductions/sum.js";

export interface StandardiseAttributes {
  /** Over which mean and variance are formed. */
  readonly axes: readonly number[];
  /** Added to the variance. */
  readonly epsilon: number;
  /** Whether the mean is taken away; else it counts as 0. */
  readonly centered: boolean;
}

function partsOf(x: Value, { axes, epsilon, centered }: StandardiseAttributes) {
  const average = (values: Value): Value => mean(values, { axes, keepDims: true });
  const without = (values: Value): Value => subtract(values, average(values));
  // Twice: what the rounding of a large mean leaves is a mean itself, of values that are small.
  const deviation = centered ? without(without(x)) : x;
  return { average, deviation, inverse: rsqrt(add(average(square(deviation)), epsilon)) };
}

/**
 * (x − mean)/√(variance + ε) over some axes. The variance is the mean square of the deviations, formed in a pass of its own, so
 * nothing cancels. dx = (dy − mean(dy) − y·mean(dy·y))/√(variance + ε).
 */
export const standardiseOperation = /* @__PURE__ */ define({
  name: "standardise",
  inputs: ["x"],
  attributes: { axes: [] as readonly number[], epsilon: 0, centered: true },
  shape: ({ x }) => ({ y: x.shape }),
  compose({ x }, attributes) {
    const { deviation, inverse } = partsOf(x, attributes);
    return { y: multiply(deviation, inverse) };
  },
  gradient({ inputs: { x }, outputs: { y }, attributes, upstreams: { y: dy } }) {
    const { average, inverse } = partsOf(x, attributes);
    const rest = attributes.centered ? subtract(dy, average(dy)) : dy;
    return { x: multiply(subtract(rest, multiply(y, average(multiply(dy, y)))), inverse) };
  },
});

export function standardise(x: Value, axes: readonly number[], epsilon: number, centered = true): Value {
  return standardiseOperation.apply({ x }, { axes, epsilon, centered }).y;
}

/** (x − mean)/√(variance + ε) by statistics that are given, of the last axis. */
export function standardisedBy(x: Value, mean: Value, variance: Value, epsilon: number): Value {
  return multiply(subtract(x, mean), rsqrt(add(variance, epsilon)));
}

/** y·gamma + beta, of which either may be missing. */
export function scaledAndShifted(y: Value, gamma: Value | undefined, beta: Value | undefined): Value {
  const scaled = gamma ? multiply(y, gamma) : y;
  return beta ? add(scaled, beta) : scaled;
}

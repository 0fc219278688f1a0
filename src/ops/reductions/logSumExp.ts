import { define, expanded, keptShape, overAxes, reducedShape, reshaped, type Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { equal } from "../elementwise/comparisons.js";
import { exp } from "../elementwise/exp.js";
import { log } from "../elementwise/log.js";
import { abs } from "../elementwise/magnitude.js";
import { maxOperation } from "./maxAndMin.js";
import { multiply } from "../elementwise/multiply.js";
import { subtract } from "../elementwise/subtract.js";
import { type ReductionOptions, sum } from "./sum.js";
import { where } from "../elementwise/where.js";

export const logSumExpOperation = /* @__PURE__ */ define({
  ...overAxes("logSumExp"),
  compose({ x }, { axes, keepDims }) {
    const largest = maxOperation.apply({ x }, { axes, keepDims: true }).y;
    // Of infinities nothing is taken away, which would make NaN.
    const shift = where(equal(abs(largest), Infinity), 0, largest);
    const sums = sum(exp(subtract(x, shift)), { axes, keepDims: true });
    return { y: reshaped(add(log(sums), shift), reducedShape(x.shape, axes, keepDims)) };
  },
  gradient({ inputs: { x }, outputs: { y }, attributes: { axes }, upstreams: { y: dy } }) {
    const kept = keptShape(x.shape, axes);
    return { x: multiply(expanded(reshaped(dy, kept), x.shape), exp(subtract(x, reshaped(y, kept)))) };
  },
});

/**
 * ln Σ eˣ over some axes, by default all, without overflow; −∞ of no elements. dx = dy·e^(x − y).
 * @throws ShapeError for axes that x does not have, ArgumentError for integers
 */
export function logSumExp(x: Value, options: ReductionOptions = {}): Value {
  return logSumExpOperation.call({ x }, options).y;
}

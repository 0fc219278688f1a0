import { ShapeError } from "../../engine/index.js";
import { define, formatValue, reshaped, sumTo, type Value } from "../../graph/index.js";
import { greater } from "../elementwise/comparisons.js";
import { multiply } from "../elementwise/multiply.js";
import { where } from "../elementwise/where.js";
import { carrying } from "../publicFunction.js";

export const preluOperation = /* @__PURE__ */ define({
  name: "prelu",
  inputs: ["x", "weight"],
  shape({ x, weight }) {
    const channels = x.shape.at(-1) ?? 1;
    if (weight.shape.length > 1 || (weight.size !== 1 && weight.size !== channels)) {
      throw new ShapeError(
        `prelu: wants a weight of shape [1] or, one for each channel, [${channels}]; got ${formatValue(weight)}`,
      );
    }
    return { y: x.shape };
  },
  compose: ({ x, weight }) => ({ y: where(greater(x, 0), x, multiply(x, scalarOf(x, weight))) }),
  gradient({ inputs: { x, weight }, upstreams: { y: dy } }) {
    const isAbove = greater(x, 0);
    const factor = scalarOf(x, weight);
    const dFactor = sumTo(where(isAbove, 0, multiply(dy, x)), factor.shape);
    return { x: where(isAbove, dy, multiply(dy, factor)), weight: reshaped(dFactor, weight.shape) };
  },
});

/** The weight as it broadcasts to x, which may be a scalar. */
const scalarOf = (x: Value, weight: Value): Value => (x.shape.length === 0 ? reshaped(weight, []) : weight);

/**
 * x where x > 0, else weight·x, elementwise: x [..., C], weight [1], or [C] for a slope of each channel (He et al., "Delving Deep
 * into Rectifiers", 2015). The gradient at 0 is that below.
 * @throws ShapeError for a weight of another shape
 */
export const prelu = /* @__PURE__ */ carrying(
  preluOperation,
  (x: Value, weight: Value): Value => preluOperation.call({ x, weight }).y,
);

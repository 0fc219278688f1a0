import { ArgumentError, ShapeError } from "../../engine/index.js";
import {
  define,
  expanded,
  formatValue,
  keptShape,
  type Operation,
  overAxes,
  reducedShape,
  reshaped,
  type Value,
} from "../../graph/index.js";
import { cast } from "../elementwise/cast.js";
import { equal, greater } from "../elementwise/comparisons.js";
import { divide } from "../elementwise/divide.js";
import { multiply } from "../elementwise/multiply.js";
import { countOf, type ReductionOptions, sum } from "./sum.js";

interface Attributes {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** The gradient goes to the elements that are the extremum, in equal shares. */
function extremum(name: "max" | "min"): Operation<"x", Attributes, "y"> {
  const common = overAxes(name);
  return define({
    ...common,
    fit(inputs, options) {
      const attributes = common.fit(inputs, options);
      if (countOf(inputs.x, attributes.axes) > 0) return attributes;
      throw new ShapeError(`${name}: there is none of no elements, got ${formatValue(inputs.x)}`);
    },
    reduce: ({ attributes: { axes } }) => ({ kind: name === "max" ? "maximum" : "minimum", axes }),
    gradient({ inputs: { x }, outputs: { y }, attributes: { axes }, upstreams: { y: dy } }) {
      const kept = keptShape(x.shape, axes);
      const winners = cast(equal(x, reshaped(y, kept)), "f32");
      const share = divide(reshaped(dy, kept), sum(winners, { axes, keepDims: true }));
      return { x: multiply(winners, expanded(share, x.shape)) };
    },
  });
}

export const maxOperation = /* @__PURE__ */ extremum("max");
export const minOperation = /* @__PURE__ */ extremum("min");

/**
 * The largest element over some axes, by default all; NaN if there is one. Equal ones share the gradient.
 * @throws ShapeError for axes that x does not have, and of no elements
 */
export function max(x: Value, options: ReductionOptions = {}): Value {
  return maxOperation.call({ x }, options).y;
}

/** The smallest element over some axes; all else as `max`. */
export function min(x: Value, options: ReductionOptions = {}): Value {
  return minOperation.call({ x }, options).y;
}

/** Whether an extremum of 0 and 1 is 1. */
function quantifier(name: "any" | "all", operation: typeof maxOperation): Operation<"x", Attributes, "y"> {
  return define({
    ...overAxes(name),
    otherTypes: ["x"],
    isConstant: true,
    shape({ x }, { axes, keepDims }) {
      if (x.dataType === "bool") return { y: { shape: reducedShape(x.shape, axes, keepDims), dataType: "bool" } };
      throw new ArgumentError(`${name}: wants truth values, as comparisons give them; write cast(x, "bool") first`);
    },
    compose: ({ x }, attributes) => ({ y: greater(operation.apply({ x: cast(x, "f32") }, attributes).y, 0) }),
  });
}

export const anyOperation = /* @__PURE__ */ quantifier("any", maxOperation);
export const allOperation = /* @__PURE__ */ quantifier("all", minOperation);

/**
 * Whether one of some truth values is true, over some axes, by default all; false of none. Has no gradient.
 * @throws ShapeError for axes that x does not have, ArgumentError for other than truth values
 */
export function any(x: Value, options: ReductionOptions = {}): Value {
  return anyOperation.call({ x }, options).y;
}

/** Whether all of some truth values are true; true of none. All else as `any`. */
export function all(x: Value, options: ReductionOptions = {}): Value {
  return allOperation.call({ x }, options).y;
}

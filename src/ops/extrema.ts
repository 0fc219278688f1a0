import {
  arithmeticResult,
  define,
  type InstructionName,
  isInteger,
  type Numeric,
  numericOperands,
  type Operation,
  sumTo,
  type Value,
} from "../graph/index.js";
import { numberFrom, optional } from "../engine/index.js";
import { equal, greater, greaterEqual, less, lessEqual } from "./comparisons.js";
import { logicalAnd } from "./logical.js";
import { scale } from "./scale.js";
import { where } from "./where.js";

/** The gradient of each operand: that of the result where it is chosen, and half of it where both are equal. */
function extremum(
  name: "minimum" | "maximum",
  [floats, integers]: readonly [InstructionName, InstructionName],
  isChosen: (a: Value, b: Value) => Value,
): Operation<"a" | "b", object, "y"> {
  return define({
    name,
    inputs: ["a", "b"],
    otherTypes: ["a", "b"],
    shape: ({ a, b }) => ({ y: arithmeticResult(name, { a, b }) }),
    pointwise: ({ inputs: { a, b } }) => ({ name: isInteger(a) ? integers : floats, operands: [a, b] }),
    gradient({ inputs: { a, b }, upstreams: { y: dy } }) {
      const half = where(equal(a, b), scale(dy, 0.5), dy);
      // Where one is NaN both get the gradient, as PyTorch has it.
      return {
        a: sumTo(where(isChosen(b, a), 0, half), a.shape),
        b: sumTo(where(isChosen(a, b), 0, half), b.shape),
      };
    },
  });
}

export const maximumOperation = /* @__PURE__ */ extremum("maximum", ["maximum", "maximumIntegers"], (a, b) =>
  greater(a, b),
);
export const minimumOperation = /* @__PURE__ */ extremum("minimum", ["minimum", "minimumIntegers"], (a, b) =>
  less(a, b),
);

/**
 * The larger of a and b, elementwise and broadcast; one may be a number. NaN if one is. Equal ones get half the gradient each.
 * @throws ShapeError if they do not broadcast, ArgumentError for types that do not mix
 */
export function maximum(a: Numeric, b: Numeric): Value {
  return maximumOperation.call(numericOperands("maximum", { a, b })).y;
}

/** The smaller of a and b; all else as `maximum`. */
export function minimum(a: Numeric, b: Numeric): Value {
  return minimumOperation.call(numericOperands("minimum", { a, b })).y;
}

const bound = /* @__PURE__ */ numberFrom(-Infinity);

export const clampOperation = /* @__PURE__ */ define({
  name: "clamp",
  inputs: ["x"],
  attributes: { min: -Infinity, max: Infinity },
  options: () => ({ min: optional(bound, -Infinity), max: optional(bound, Infinity) }),
  shape: ({ x }) => ({ y: x.shape }),
  pointwise: ({ inputs: { x }, attributes: { min, max } }) => ({ name: "clamp", operands: [x, min, max] }),
  gradient: ({ inputs: { x }, attributes: { min, max }, upstreams: { y: dy } }) => ({
    x: where(logicalAnd(greaterEqual(x, min), lessEqual(x, max)), dy, 0),
  }),
});

/** Bounds of `clamp`. */
export interface ClampOptions {
  /** Default −∞. */
  readonly min?: number;
  /** Default ∞. What is above both is `max`, whichever bound is larger. */
  readonly max?: number;
}

/**
 * x, but min where it is less and max where it is more; any shape. NaN stays NaN. The gradient passes where min ≤ x ≤ max.
 * @throws ArgumentError for bounds that are no numbers
 */
export function clamp(x: Value, options: ClampOptions = {}): Value {
  return clampOperation.call({ x }, options).y;
}

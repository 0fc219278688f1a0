import {
  arithmeticOperation,
  arithmeticResult,
  checkValues,
  define,
  isInteger,
  type Numeric,
  numericOperands,
  type Operation,
  sumTo,
  Value,
} from "../../graph/index.js";
import { checkOptions, numberFrom, optional } from "../../engine/index.js";
import { binaryFunction } from "../publicFunction.js";
import { equal, greater, greaterEqual, less, lessEqual } from "./comparisons.js";
import { logicalAnd, logicalOr } from "./logical.js";
import { scale } from "./scale.js";
import { where } from "./where.js";

/** The gradient of each operand: that of the result where it is chosen, and half of it where both are equal. */
function extremum(name: "minimum" | "maximum", isChosen: (a: Value, b: Value) => Value): typeof maximumOperation {
  return arithmeticOperation(name, {
    floats: name,
    integers: `${name}Integers`,
    gradient({ a, b, dy }) {
      const half = where(equal(a, b), scale(dy, 0.5), dy);
      // Where one is NaN both get the gradient, as PyTorch has it.
      return { a: where(isChosen(b, a), 0, half), b: where(isChosen(a, b), 0, half) };
    },
  });
}

export const maximumOperation: Operation<"a" | "b", object, "y"> = /* @__PURE__ */ extremum("maximum", (a, b) =>
  greater(a, b),
);
export const minimumOperation = /* @__PURE__ */ extremum("minimum", (a, b) => less(a, b));

/**
 * The larger of a and b, elementwise and broadcast; one may be a number. NaN if one is. Equal ones get half the gradient each.
 * @throws ShapeError if they do not broadcast, ArgumentError for types that do not mix
 */
export const maximum = /* @__PURE__ */ binaryFunction(maximumOperation);

/** The smaller of a and b; all else as `maximum`. */
export const minimum = /* @__PURE__ */ binaryFunction(minimumOperation);

const bound = /* @__PURE__ */ numberFrom(-Infinity);

/** Whether x lies between bounds, of which one may be missing. */
function isBetween(x: Value, min: Numeric | undefined, max: Numeric | undefined): Value {
  const conditions = [
    ...(min === undefined ? [] : [greaterEqual(x, min)]),
    ...(max === undefined ? [] : [lessEqual(x, max)]),
  ];
  return conditions.reduce(logicalAnd);
}

export const clampOperation = /* @__PURE__ */ define({
  name: "clamp",
  inputs: ["x"],
  attributes: { min: -Infinity, max: Infinity },
  options: () => ({ min: optional(bound, -Infinity), max: optional(bound, Infinity) }),
  shape: ({ x }) => ({ y: x.shape }),
  pointwise: ({ inputs: { x }, attributes: { min, max } }) => ({ name: "clamp", operands: [x, min, max] }),
  gradient: ({ inputs: { x }, attributes: { min, max }, upstreams: { y: dy } }) => ({
    x: where(isBetween(x, min, max), dy, 0),
  }),
});

/** The same with bounds that are values, and of integers. */
export const clampBetweenOperation = /* @__PURE__ */ define({
  name: "clampBetween",
  inputs: ["x", "min?", "max?"],
  otherTypes: ["x", "min", "max"],
  shape: ({ x, min, max }) => ({ y: arithmeticResult("clamp", { x, ...(min && { min }), ...(max && { max }) }) }),
  compose({ x, min, max }) {
    const raised = min ? maximum(x, min) : x;
    return { y: max ? minimum(raised, max) : raised };
  },
  gradient({ inputs: { x, min, max }, upstreams: { y: dy } }) {
    const raises = min && (max ? logicalAnd(less(x, min), less(min, max)) : less(x, min));
    const lowers = max && (min ? logicalOr(greater(x, max), less(max, min)) : greater(x, max));
    return {
      x: sumTo(min || max ? where(isBetween(x, min, max), dy, 0) : dy, x.shape),
      ...(min && raises && { min: sumTo(where(raises, dy, 0), min.shape) }),
      ...(max && lowers && { max: sumTo(where(lowers, dy, 0), max.shape) }),
    };
  },
});

/** Bounds of `clamp`: numbers, or values that broadcast with x. */
export interface ClampOptions {
  /** Default −∞. */
  readonly min?: Numeric;
  /** Default ∞. What is above both is `max`, whichever bound is larger. */
  readonly max?: Numeric;
}

/**
 * x, but min where it is less and max where it is more, broadcast to each other as NumPy has it; float32 or int32. NaN stays NaN.
 * The gradient passes to x where min ≤ x ≤ max, and to the bound that counts elsewhere.
 * @throws ArgumentError for bounds that are neither numbers nor values, or of a type that does not mix with that of x
 * @throws ShapeError if they do not broadcast
 */
export function clamp(x: Value, options: ClampOptions = {}): Value {
  if (!needsValues(x) && !needsValues(options)) return clampOperation.call({ x }, options).y;
  checkValues("clamp", x);
  checkOptions("clamp", options, ["min", "max"]);
  const { min, max } = options;
  const given = { x, ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
  return clampBetweenOperation.call({ x, ...numericOperands<string>("clamp", given) }).y;
}

/** Whether an argument of `clamp` is more than float32 between numbers; false for what is neither value nor options. */
function needsValues(given: unknown): boolean {
  if (given instanceof Value) return isInteger(given);
  return given instanceof Object && Object.values(given).some((limit) => limit instanceof Value);
}

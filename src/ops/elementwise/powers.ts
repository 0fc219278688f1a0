import {
  arithmeticOperation,
  arithmeticType,
  define,
  isInteger,
  type Numeric,
  numericOperands,
  type Operation,
  Value,
} from "../../graph/index.js";
import { logicalAnd } from "./logical.js";
import { equal, greaterEqual } from "./comparisons.js";
import { divide } from "./divide.js";
import { log } from "./log.js";
import { multiply } from "./multiply.js";
import { scale } from "./scale.js";
import { subtract } from "./subtract.js";
import { unaryFunction } from "../publicFunction.js";
import { unaryOperation } from "./unary.js";
import { where } from "./where.js";

/** √x elementwise; any shape, NaN below 0. dx = dy/(2y): infinite at 0. */
export const sqrt = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ unaryOperation("sqrt", { gradient: ({ y, dy }) => divide(dy, scale(y, 2)) }),
);

/** 1/√x elementwise; any shape. dx = −dy·y³/2. */
export const rsqrt = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ unaryOperation("rsqrt", {
    gradient: ({ y, dy }) => scale(multiply(dy, multiply(y, multiply(y, y))), -0.5),
  }),
);

/** 1/x elementwise; any shape. dx = −dy·y². */
export const reciprocal = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ unaryOperation("reciprocal", { gradient: ({ y, dy }) => scale(multiply(dy, multiply(y, y)), -1) }),
);

/** x² elementwise; any shape. float32, or int32 modulo 2³². dx = 2·dy·x. */
export const square = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ define({
    name: "square",
    inputs: ["x"],
    otherTypes: ["x"],
    shape: ({ x }) => ({ y: { shape: x.shape, dataType: arithmeticType("square", { x }) } }),
    compose: ({ x }) => ({ y: multiply(x, x) }),
  }),
);

export const powOperation: Operation<"a" | "b", object, "y"> = /* @__PURE__ */ arithmeticOperation("pow", {
  floats: "pow",
  isExpensive: true,
  gradient({ a, b, y, dy }) {
    const growth = where(logicalAnd(equal(a, 0), greaterEqual(b, 0)), 0, multiply(y, log(a)));
    return { a: multiply(dy, slopeOf(a, b)), b: multiply(dy, growth) };
  },
});

/** b·aᵇ⁻¹, but 0 where b = 0. */
function slopeOf(a: Value, b: Value): Value {
  const { constant } = b;
  if (constant === 0) return b;
  if (typeof constant === "number") return scale(pow(a, constant - 1), constant);
  return where(equal(b, 0), 0, multiply(b, pow(a, subtract(b, 1))));
}

/**
 * a to the power of b elementwise, broadcast to each other as NumPy has it; one may be a number. Special cases are those of C's
 * pow, but for the exponents ½ and −½, which are √a and 1/√a. da = dy·b·aᵇ⁻¹, and 0 where b = 0; db = dy·y·ln a, and 0 where a = 0
 * and b ≥ 0.
 * @throws ShapeError if they do not broadcast, ArgumentError for integers
 */
export function pow(a: Numeric, b: Numeric): Value {
  // Exponents of which something faster is known.
  if (a instanceof Value && !isInteger(a) && typeof b === "number") {
    const special = powers.get(b);
    if (special) return special(a);
  }
  return powOperation.call(numericOperands("pow", { a, b })).y;
}

const powers: ReadonlyMap<number, (x: Value) => Value> = /* @__PURE__ */ new Map([
  [-1, reciprocal],
  [-0.5, rsqrt],
  [0.5, sqrt],
  [2, square],
  [3, (x: Value) => multiply(square(x), x)],
]);

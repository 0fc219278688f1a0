import {
  arithmeticResult,
  define,
  isInteger,
  type Numeric,
  numericOperands,
  sumTo,
  type Value,
} from "../graph/index.js";
import { negate } from "./magnitude.js";
import { multiply } from "./multiply.js";

export const floorDivideOperation = /* @__PURE__ */ define({
  name: "floorDivide",
  inputs: ["a", "b"],
  otherTypes: ["a", "b"],
  isExpensive: true,
  isConstant: true,
  shape: ({ a, b }) => ({ y: arithmeticResult("floorDivide", { a, b }) }),
  pointwise: ({ inputs: { a, b } }) => ({
    name: isInteger(a) ? "floorDivideIntegers" : "floorDivide",
    operands: [a, b],
  }),
});

export const remainderOperation = /* @__PURE__ */ define({
  name: "remainder",
  inputs: ["a", "b"],
  otherTypes: ["a", "b"],
  isExpensive: true,
  shape: ({ a, b }) => ({ y: arithmeticResult("remainder", { a, b }) }),
  pointwise: ({ inputs: { a, b } }) => ({ name: isInteger(a) ? "remainderIntegers" : "remainder", operands: [a, b] }),
  gradient: ({ inputs: { a, b }, upstreams: { y: dy } }) => ({
    a: sumTo(dy, a.shape),
    b: sumTo(negate(multiply(dy, floorDivide(a, b))), b.shape),
  }),
});

/**
 * ⌊a/b⌋ elementwise, as // in Python, broadcast to each other as NumPy has it; one may be a number. float32, or int32, of which
 * division by 0 gives 0. The gradient is 0.
 * @throws ShapeError if they do not broadcast, ArgumentError for types that do not mix
 */
export function floorDivide(a: Numeric, b: Numeric): Value {
  return floorDivideOperation.call(numericOperands("floorDivide", { a, b })).y;
}

/**
 * a − b·⌊a/b⌋ elementwise, exactly, broadcast to each other as NumPy has it; one may be a number. It has the sign of b, as % in
 * Python. float32, or int32, of which division by 0 gives 0. da = dy, db = −dy·⌊a/b⌋.
 * @throws ShapeError if they do not broadcast, ArgumentError for types that do not mix
 */
export function remainder(a: Numeric, b: Numeric): Value {
  return remainderOperation.call(numericOperands("remainder", { a, b })).y;
}

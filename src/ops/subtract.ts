import {
  arithmeticResult,
  define,
  isInteger,
  type Numeric,
  numericOperands,
  sumTo,
  type Value,
} from "../graph/index.js";
import { scale } from "./scale.js";

export const subtractOperation = /* @__PURE__ */ define({
  name: "subtract",
  inputs: ["a", "b"],
  otherTypes: ["a", "b"],
  shape: ({ a, b }) => ({ y: arithmeticResult("subtract", { a, b }) }),
  pointwise: ({ inputs: { a, b } }) => ({ name: isInteger(a) ? "subtractIntegers" : "subtract", operands: [a, b] }),
  gradient: ({ inputs: { a, b }, upstreams: { y: dy } }) => ({
    a: sumTo(dy, a.shape),
    b: scale(sumTo(dy, b.shape), -1),
  }),
});

/**
 * a − b elementwise, broadcast to each other as NumPy has it; one may be a number. float32, or int32 modulo 2³².
 * @throws ShapeError if they do not broadcast, ArgumentError for types that do not mix
 */
export function subtract(a: Numeric, b: Numeric): Value {
  return subtractOperation.call(numericOperands("subtract", { a, b })).y;
}

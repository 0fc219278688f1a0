import {
  arithmeticResult,
  define,
  isInteger,
  type Numeric,
  numericOperands,
  sumTo,
  type Value,
} from "../graph/index.js";

export const multiplyOperation = /* @__PURE__ */ define({
  name: "multiply",
  inputs: ["a", "b"],
  otherTypes: ["a", "b"],
  shape: ({ a, b }) => ({ y: arithmeticResult("multiply", { a, b }) }),
  pointwise: ({ inputs: { a, b } }) => ({ name: isInteger(a) ? "multiplyIntegers" : "multiply", operands: [a, b] }),
  gradient: ({ inputs: { a, b }, upstreams: { y: dy } }) => ({
    a: sumTo(multiply(dy, b), a.shape),
    b: sumTo(multiply(dy, a), b.shape),
  }),
});

/**
 * a·b elementwise, broadcast to each other as NumPy has it; one may be a number. float32, or int32 modulo 2³². da = dy·b, db = dy·a.
 * @throws ShapeError if they do not broadcast, ArgumentError for types that do not mix
 */
export function multiply(a: Numeric, b: Numeric): Value {
  return multiplyOperation.call(numericOperands("multiply", { a, b })).y;
}

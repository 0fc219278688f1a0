import { define, floatResult, type Numeric, numericOperands, sumTo, type Value } from "../graph/index.js";
import { multiply } from "./multiply.js";
import { scale } from "./scale.js";

export const divideOperation = /* @__PURE__ */ define({
  name: "divide",
  inputs: ["a", "b"],
  otherTypes: ["a", "b"],
  shape: ({ a, b }) => ({ y: floatResult("divide", { a, b }) }),
  pointwise: ({ inputs: { a, b } }) => ({ name: "divide", operands: [a, b] }),
  gradient: ({ inputs: { a, b }, outputs: { y }, upstreams: { y: dy } }) => {
    const da = divide(dy, b);
    return { a: sumTo(da, a.shape), b: scale(sumTo(multiply(da, y), b.shape), -1) };
  },
});

/**
 * a/b elementwise, of float32, broadcast to each other as NumPy has it; one may be a number. da = dy/b, db = −dy·y/b.
 * @throws ShapeError if they do not broadcast, ArgumentError for integers
 */
export function divide(a: Numeric, b: Numeric): Value {
  return divideOperation.call(numericOperands("divide", { a, b })).y;
}

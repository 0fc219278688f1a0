import { define, floatResult, type Numeric, numericOperands, sumTo, type Value } from "../graph/index.js";
import { divide } from "./divide.js";
import { multiply } from "./multiply.js";
import { floor } from "./rounding.js";
import { negate } from "./magnitude.js";

export const remainderOperation = /* @__PURE__ */ define({
  name: "remainder",
  inputs: ["a", "b"],
  otherTypes: ["a", "b"],
  isExpensive: true,
  shape: ({ a, b }) => ({ y: floatResult("remainder", { a, b }) }),
  pointwise: ({ inputs: { a, b } }) => ({ name: "remainder", operands: [a, b] }),
  gradient: ({ inputs: { a, b }, upstreams: { y: dy } }) => ({
    a: sumTo(dy, a.shape),
    b: sumTo(negate(multiply(dy, floor(divide(a, b)))), b.shape),
  }),
});

/**
 * a − b·⌊a/b⌋ elementwise, exactly, broadcast to each other as NumPy has it; one may be a number. It has the sign of b, as in
 * Python. da = dy, db = −dy·⌊a/b⌋.
 * @throws ShapeError if they do not broadcast, ArgumentError for integers
 */
export function remainder(a: Numeric, b: Numeric): Value {
  return remainderOperation.call(numericOperands("remainder", { a, b })).y;
}

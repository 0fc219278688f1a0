import { checkEqualShapes, define, type Value } from "../graph/index.js";

import { multiply } from "./multiply.js";
import { scale } from "./scale.js";

export const divideOperation = /* @__PURE__ */ define({
  name: "divide",
  inputs: ["a", "b"],
  shape({ a, b }) {
    checkEqualShapes("divide", a, b);
    return { y: a.shape };
  },
  pointwise: ({ inputs: { a, b } }) => ({ name: "divide", operands: [a, b] }),
  gradient: ({ inputs: { b }, outputs: { y }, upstreams: { y: dy } }) => {
    const da = divide(dy, b);
    return { a: da, b: scale(multiply(da, y), -1) };
  },
});

/** a/b elementwise; both of the same shape. da = dy/b, db = −dy·y/b. Throws ShapeError for different shapes. */
export function divide(a: Value, b: Value): Value {
  return divideOperation.call({ a, b }).y;
}

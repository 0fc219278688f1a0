import { checkEqualShapes, define, type Value } from "../graph/index.js";

export const multiplyOperation = /* @__PURE__ */ define({
  name: "multiply",
  inputs: ["a", "b"],
  shape({ a, b }) {
    checkEqualShapes("multiply", a, b);
    return { y: a.shape };
  },
  pointwise: ({ inputs: { a, b } }) => ({ name: "multiply", operands: [a, b] }),
  gradient: ({ inputs: { a, b }, upstreams: { y: dy } }) => ({
    a: multiply(dy, b),
    b: multiply(dy, a),
  }),
});

/** a·b elementwise; both of the same shape. da = dy·b, db = dy·a. Throws ShapeError for different shapes. */
export function multiply(a: Value, b: Value): Value {
  return multiplyOperation.call({ a, b }).y;
}

import { broadcastShape, define, sumTo, type Value } from "../graph/index.js";

export const multiplyOperation = /* @__PURE__ */ define({
  name: "multiply",
  inputs: ["a", "b"],
  shape: ({ a, b }) => ({ y: broadcastShape("multiply", { a, b }) }),
  pointwise: ({ inputs: { a, b } }) => ({ name: "multiply", operands: [a, b] }),
  gradient: ({ inputs: { a, b }, upstreams: { y: dy } }) => ({
    a: sumTo(multiply(dy, b), a.shape),
    b: sumTo(multiply(dy, a), b.shape),
  }),
});

/** a·b elementwise, broadcast to each other as NumPy has it. da = dy·b, db = dy·a. Throws ShapeError if they do not broadcast. */
export function multiply(a: Value, b: Value): Value {
  return multiplyOperation.call({ a, b }).y;
}

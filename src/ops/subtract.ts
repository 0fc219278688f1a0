import { broadcastShape, define, sumTo, type Value } from "../graph/index.js";

import { scale } from "./scale.js";

export const subtractOperation = /* @__PURE__ */ define({
  name: "subtract",
  inputs: ["a", "b"],
  shape: ({ a, b }) => ({ y: broadcastShape("subtract", { a, b }) }),
  pointwise: ({ inputs: { a, b } }) => ({ name: "subtract", operands: [a, b] }),
  gradient: ({ inputs: { a, b }, upstreams: { y: dy } }) => ({
    a: sumTo(dy, a.shape),
    b: scale(sumTo(dy, b.shape), -1),
  }),
});

/** a − b elementwise, broadcast to each other as NumPy has it. Throws ShapeError if they do not broadcast. */
export function subtract(a: Value, b: Value): Value {
  return subtractOperation.call({ a, b }).y;
}

import { broadcastShape, define, sumTo, type Value } from "../graph/index.js";

import { multiply } from "./multiply.js";
import { scale } from "./scale.js";

export const divideOperation = /* @__PURE__ */ define({
  name: "divide",
  inputs: ["a", "b"],
  shape: ({ a, b }) => ({ y: broadcastShape("divide", { a, b }) }),
  pointwise: ({ inputs: { a, b } }) => ({ name: "divide", operands: [a, b] }),
  gradient: ({ inputs: { a, b }, outputs: { y }, upstreams: { y: dy } }) => {
    const da = divide(dy, b);
    return { a: sumTo(da, a.shape), b: scale(sumTo(multiply(da, y), b.shape), -1) };
  },
});

/** a/b elementwise, broadcast to each other as NumPy has it. da = dy/b, db = −dy·y/b. Throws ShapeError if they do not broadcast. */
export function divide(a: Value, b: Value): Value {
  return divideOperation.call({ a, b }).y;
}

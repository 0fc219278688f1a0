import { checkEqualShapes, define, type Value } from "../graph/index.js";

import { scale } from "./scale.js";

export const subtractOperation = /* @__PURE__ */ define({
  name: "subtract",
  inputs: ["a", "b"],
  shape({ a, b }) {
    checkEqualShapes("subtract", a, b);
    return { y: a.shape };
  },
  pointwise: ({ inputs: { a, b } }) => ({ name: "subtract", operands: [a, b] }),
  gradient: ({ upstreams: { y: dy } }) => ({ a: dy, b: scale(dy, -1) }),
});

/** a − b elementwise; both of the same shape. Throws ShapeError otherwise. */
export function subtract(a: Value, b: Value): Value {
  return subtractOperation.call({ a, b }).y;
}

import { broadcastShape } from "../broadcast.js";
import { define } from "../operation.js";
import { sumTo } from "./sumAndExpand.js";

/** a + b. Its public face is ops.add; it stands here because differentiation adds contributions with it. */
export const addOperation = /* @__PURE__ */ define({
  name: "add",
  inputs: ["a", "b"],
  shape: ({ a, b }) => ({ y: broadcastShape("add", { a, b }) }),
  pointwise: ({ inputs: { a, b } }) => ({ name: "add", operands: [a, b] }),
  gradient: ({ inputs: { a, b }, upstreams: { y: dy } }) => ({ a: sumTo(dy, a.shape), b: sumTo(dy, b.shape) }),
});

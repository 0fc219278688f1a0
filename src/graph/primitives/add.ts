import { arithmeticResult, isInteger } from "../arithmetic.js";
import { define } from "../operation.js";
import { sumTo } from "./sumAndExpand.js";

/** a + b. Its public face is ops.add; it stands here because differentiation adds contributions with it. */
export const addOperation = /* @__PURE__ */ define({
  name: "add",
  inputs: ["a", "b"],
  otherTypes: ["a", "b"],
  shape: ({ a, b }) => ({ y: arithmeticResult("add", { a, b }) }),
  pointwise: ({ inputs: { a, b } }) => ({ name: isInteger(a) ? "addIntegers" : "add", operands: [a, b] }),
  gradient: ({ inputs: { a, b }, upstreams: { y: dy } }) => ({ a: sumTo(dy, a.shape), b: sumTo(dy, b.shape) }),
});

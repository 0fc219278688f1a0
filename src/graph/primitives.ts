import { checkEqualShapes } from "./equalShapes.js";
import { define } from "./operation.js";

/** a + b. Its public face is ops.add; it stands here because differentiation adds contributions with it. */
export const addOperation = /* @__PURE__ */ define({
  name: "add",
  inputs: ["a", "b"],
  shape({ a, b }) {
    checkEqualShapes("add", a, b);
    return { y: a.shape };
  },
  pointwise: ({ inputs: { a, b } }) => ({ name: "add", operands: [a, b] }),
  gradient: ({ upstreams: { y: dy } }) => ({ a: dy, b: dy }),
});

/** The same elements in memory of their own. */
export const copyOperation = /* @__PURE__ */ define({
  name: "copy",
  inputs: ["x"],
  otherTypes: ["x"],
  shape: ({ x: { shape, dataType } }) => ({ y: { shape, dataType } }),
  lower: (emit, { inputs: { x }, outputs: { y } }) => emit.record("copy", { x, y, bytes: y.bytes }),
  gradient: ({ upstreams: { y: dy } }) => ({ x: dy }),
});

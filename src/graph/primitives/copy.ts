import { define } from "../operation.js";

/** The same elements in memory of their own. */
export const copyOperation = /* @__PURE__ */ define({
  name: "copy",
  inputs: ["x"],
  otherTypes: ["x"],
  shape: ({ x: { shape, dataType } }) => ({ y: { shape, dataType } }),
  lower: (emit, { inputs: { x }, outputs: { y } }) => emit.record("copy", { x, y, bytes: y.bytes }),
  gradient: ({ upstreams: { y: dy } }) => ({ x: dy }),
});

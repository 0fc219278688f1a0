import { define, type Value } from "../graph/index.js";
import { rowsOf } from "./rows.js";

const softmaxBackwardOperation = /* @__PURE__ */ define({
  name: "softmaxBackward",
  inputs: ["y", "dy"],
  outputs: ["dx"],
  shape: ({ y }) => ({ dx: y.shape }),
  lower: (emit, { inputs: { y, dy }, outputs: { dx } }) =>
    emit.record("softmaxBackward", { y, dy, dx, ...rowsOf("softmax", y) }),
});

export const softmaxOperation = /* @__PURE__ */ define({
  name: "softmax",
  inputs: ["x"],
  shape({ x }) {
    rowsOf("softmax", x);
    return { y: x.shape };
  },
  lower: (emit, { inputs: { x }, outputs: { y } }) => emit.record("softmax", { x, y, ...rowsOf("softmax", x) }),
  gradient: ({ outputs: { y }, upstreams: { y: dy } }) => ({
    x: softmaxBackwardOperation.apply({ y, dy }).dx,
  }),
});

/** Softmax along the last axis, shifted by its maximum: [..., C] → [..., C]. dx = y·(dy − Σ y·dy). Throws ShapeError. */
export function softmax(x: Value): Value {
  return softmaxOperation.apply({ x }).y;
}

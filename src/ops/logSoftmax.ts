import { define, type Value } from "../graph/index.js";
import { rowsOf } from "./rows.js";

const logSoftmaxBackwardOperation = /* @__PURE__ */ define({
  name: "logSoftmaxBackward",
  inputs: ["y", "dy"],
  outputs: ["dx"],
  shape: ({ y }) => ({ dx: y.shape }),
  lower: (emit, { inputs: { y, dy }, outputs: { dx } }) =>
    emit.record("logSoftmaxBackward", { y, dy, dx, ...rowsOf("logSoftmax", y) }),
});

const logSoftmaxOperation = /* @__PURE__ */ define({
  name: "logSoftmax",
  inputs: ["x"],
  shape({ x }) {
    rowsOf("logSoftmax", x);
    return { y: x.shape };
  },
  lower: (emit, { inputs: { x }, outputs: { y } }) => emit.record("logSoftmax", { x, y, ...rowsOf("logSoftmax", x) }),
  gradient: ({ outputs: { y }, upstreams: { y: dy } }) => ({
    x: logSoftmaxBackwardOperation.apply({ y, dy }).dx,
  }),
});

/** x − c − ln Σ e^(x − c) along the last axis, c its maximum: [..., C] → [..., C]. dx = dy − eʸ·Σ dy. Throws ShapeError. */
export function logSoftmax(x: Value): Value {
  return logSoftmaxOperation.apply({ x }).y;
}

import { define, type Value } from "../../graph/index.js";
import { exp } from "../elementwise/exp.js";
import { multiply } from "../elementwise/multiply.js";
import { readRows, rowsOf } from "../rows.js";
import { scale } from "../elementwise/scale.js";
import { subtract } from "../elementwise/subtract.js";
import { sum } from "../reductions/sum.js";

export const logSoftmaxBackwardOperation = /* @__PURE__ */ define({
  name: "logSoftmaxBackward",
  inputs: ["y", "dy"],
  outputs: ["dx"],
  shape: ({ y }) => ({ dx: y.shape }),
  lower(emit, { inputs: { y, dy }, outputs: { dx } }) {
    const [ofY, ofDy] = [readRows(emit, y), readRows(emit, dy)];
    const fields = { y: ofY.data, dy: ofDy.data, dx, yRow: ofY.stride, dyRow: ofDy.stride };
    emit.record("logSoftmaxBackward", { ...fields, ...rowsOf("logSoftmax", y) });
  },
  // dx = dy − eʸ·Σ dy along each row.
  gradient({ inputs: { y, dy }, upstreams: { dx: u } }) {
    const alongRows = (x: Value): Value => sum(x, { axes: -1, keepDims: true });
    const product = multiply(u, exp(y));
    return { dy: subtract(u, alongRows(product)), y: scale(multiply(product, alongRows(dy)), -1) };
  },
});

export const logSoftmaxOperation = /* @__PURE__ */ define({
  name: "logSoftmax",
  inputs: ["x"],
  shape({ x }) {
    rowsOf("logSoftmax", x);
    return { y: x.shape };
  },
  lower(emit, { inputs: { x }, outputs: { y } }) {
    const { data, stride } = readRows(emit, x);
    emit.record("logSoftmax", { x: data, y, xRow: stride, ...rowsOf("logSoftmax", x) });
  },
  gradient: ({ outputs: { y }, upstreams: { y: dy } }) => ({
    x: logSoftmaxBackwardOperation.apply({ y, dy }).dx,
  }),
});

/** x − c − ln Σ e^(x − c) along the last axis, c its maximum: [..., C] → [..., C]. dx = dy − eʸ·Σ dy. Throws ShapeError. */
export function logSoftmax(x: Value): Value {
  return logSoftmaxOperation.call({ x }).y;
}

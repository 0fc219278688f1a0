import { define, type Value } from "../../graph/index.js";
import { multiply } from "../elementwise/multiply.js";
import { readRows, rowsOf } from "../rows.js";
import { subtract } from "../elementwise/subtract.js";
import { sum } from "../reductions/sum.js";

export const softmaxBackwardOperation = /* @__PURE__ */ define({
  name: "softmaxBackward",
  inputs: ["y", "dy"],
  outputs: ["dx"],
  shape: ({ y }) => ({ dx: y.shape }),
  lower(emit, { inputs: { y, dy }, outputs: { dx } }) {
    const [ofY, ofDy] = [readRows(emit, y), readRows(emit, dy)];
    const fields = { y: ofY.data, dy: ofDy.data, dx, yRow: ofY.stride, dyRow: ofDy.stride };
    emit.record("softmaxBackward", { ...fields, ...rowsOf("softmax", y) });
  },
  // The Jacobian is symmetric. With S = Σ y·dy and T = Σ u·y over each row: dL/dy = u·(dy − S) − dy·T.
  gradient({ inputs: { y, dy }, upstreams: { dx: u } }) {
    const alongRows = (x: Value): Value => sum(x, { axes: -1, keepDims: true });
    const centered = subtract(dy, alongRows(multiply(y, dy)));
    return {
      dy: softmaxBackward(y, u),
      y: subtract(multiply(u, centered), multiply(dy, alongRows(multiply(u, y)))),
    };
  },
});

export const softmaxOperation = /* @__PURE__ */ define({
  name: "softmax",
  inputs: ["x"],
  shape({ x }) {
    rowsOf("softmax", x);
    return { y: x.shape };
  },
  lower(emit, { inputs: { x }, outputs: { y } }) {
    const { data, stride } = readRows(emit, x);
    emit.record("softmax", { x: data, y, xRow: stride, ...rowsOf("softmax", x) });
  },
  gradient: ({ outputs: { y }, upstreams: { y: dy } }) => ({ x: softmaxBackward(y, dy) }),
});

/** The vector-Jacobian product of a softmax with the output y: y·(dy − Σ y·dy) along the last axis. */
export function softmaxBackward(y: Value, dy: Value): Value {
  return softmaxBackwardOperation.apply({ y, dy }).dx;
}

/** Softmax along the last axis, shifted by its maximum: [..., C] → [..., C]. dx = y·(dy − Σ y·dy). Throws ShapeError. */
export function softmax(x: Value): Value {
  return softmaxOperation.call({ x }).y;
}

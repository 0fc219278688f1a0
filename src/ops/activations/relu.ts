import { define, type Value } from "../../graph/index.js";
import { unaryFunction } from "../publicFunction.js";

export const reluBackwardOperation = /* @__PURE__ */ define({
  name: "reluBackward",
  inputs: ["y", "dy"],
  outputs: ["dx"],
  shape: ({ y }) => ({ dx: y.shape }),
  pointwise: ({ inputs: { y, dy } }) => ({ name: "reluBackward", operands: [y, dy] }),
  lower: (emit, { inputs: { y, dy }, outputs: { dx } }) => emit.record("reluBackward", { y, dy, dx, count: dx.size }),
  gradient: ({ inputs: { y }, upstreams: { dx } }) => ({ dy: reluBackward(y, dx) }),
});

export const reluOperation = /* @__PURE__ */ define({
  name: "relu",
  inputs: ["x"],
  shape: ({ x }) => ({ y: x.shape }),
  pointwise: ({ inputs: { x } }) => ({ name: "relu", operands: [x] }),
  lower: (emit, { inputs: { x }, outputs: { y } }) => emit.record("relu", { x, y, count: y.size }),
  gradient: ({ outputs: { y }, upstreams: { y: dy } }) => ({ x: reluBackward(y, dy) }),
});

/** dy where the output y of a ReLU is positive, else 0. */
export function reluBackward(y: Value, dy: Value): Value {
  return reluBackwardOperation.apply({ y, dy }).dx;
}

/** max(x, 0) elementwise; any shape. The gradient at 0 is 0. */
export const relu = /* @__PURE__ */ unaryFunction(reluOperation);

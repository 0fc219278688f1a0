import type { Operation, Value } from "../graph/index.js";
import { type Rows, rowsOf } from "./rows.js";

const operation: Operation<Rows, undefined> = {
  name: "logSoftmax",
  forward(emit, { inputs: [x], attributes, output }) {
    emit.record("logSoftmax", { x: emit.data(x!), y: emit.data(output), ...attributes });
    return undefined;
  },
  backward(emit, { inputs: [x], attributes, output }, _saved, dy) {
    emit.contribute([x!], ([dx]) => {
      emit.record("logSoftmaxBackward", { y: emit.data(output), dy, dx: dx!, ...attributes });
    });
  },
};

/** x − c − ln Σ e^(x − c) along the last axis, c its maximum: [..., C] → [..., C]. dx = dy − eʸ·Σ dy. Throws ShapeError. */
export function logSoftmax(x: Value): Value {
  const rows = rowsOf("logSoftmax", x);
  return x.graph.apply(operation, [x], rows, x.shape);
}

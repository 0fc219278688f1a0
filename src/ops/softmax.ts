import type { Operation, Value } from "../graph/index.js";
import { type Rows, rowsOf } from "./rows.js";

const operation: Operation<Rows, undefined> = {
  name: "softmax",
  forward(emit, { inputs: [x], attributes, output }) {
    emit.record("softmax", { x: emit.data(x!), y: emit.data(output), ...attributes });
    return undefined;
  },
  backward(emit, { inputs: [x], attributes, output }, _saved, dy) {
    emit.contribute([x!], ([dx]) => {
      emit.record("softmaxBackward", { y: emit.data(output), dy, dx: dx!, ...attributes });
    });
  },
};

/** Softmax along the last axis, shifted by its maximum: [..., C] → [..., C]. dx = y·(dy − Σ y·dy). Throws ShapeError. */
export function softmax(x: Value): Value {
  const rows = rowsOf("softmax", x);
  return x.graph.apply(operation, [x], rows, x.shape);
}

import type { Operation, Value } from "../graph/index.js";
import { checkEqualShapes } from "./equalShapes.js";

export const addOperation: Operation<undefined, undefined> = {
  name: "add",
  forward(emit, { inputs: [a, b], output }) {
    emit.record("add", { a: emit.data(a!), b: emit.data(b!), y: emit.data(output), count: output.size });
    return undefined;
  },
  backward(emit, { inputs: [a, b] }, _saved, dy) {
    emit.pass(a!, dy);
    emit.pass(b!, dy);
  },
};

/** a + b elementwise; both of the same shape. Throws ShapeError otherwise. */
export function add(a: Value, b: Value): Value {
  checkEqualShapes("add", a, b);
  return a.graph.apply(addOperation, [a, b], undefined, a.shape);
}

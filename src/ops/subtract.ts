import type { Operation, Value } from "../graph/index.js";
import { checkEqualShapes } from "./equalShapes.js";

const operation: Operation<undefined, undefined> = {
  name: "subtract",
  forward(emit, { inputs: [a, b], output }) {
    emit.record("subtract", { a: emit.data(a!), b: emit.data(b!), y: emit.data(output), count: output.size });
    return undefined;
  },
  backward(emit, { inputs: [a, b], output }, _saved, dy) {
    emit.pass(a!, dy);
    emit.contribute([b!], ([db]) => {
      emit.record("scale", { x: dy, y: db!, count: output.size, factor: -1 });
    });
  },
};

/** a − b elementwise; both of the same shape. Throws ShapeError otherwise. */
export function subtract(a: Value, b: Value): Value {
  checkEqualShapes("subtract", a, b);
  return a.graph.apply(operation, [a, b], undefined, a.shape);
}

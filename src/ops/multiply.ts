import type { Operation, Value } from "../graph/index.js";
import { checkEqualShapes } from "./equalShapes.js";

const operation: Operation<undefined, undefined> = {
  name: "multiply",
  forward(emit, { inputs: [a, b], output }) {
    emit.record("multiply", { a: emit.data(a!), b: emit.data(b!), y: emit.data(output), count: output.size });
    return undefined;
  },
  backward(emit, { inputs: [a, b], output }, _saved, dy) {
    emit.contribute([a!, b!], ([da, db]) => {
      if (da) emit.record("multiply", { a: dy, b: emit.data(b!), y: da, count: output.size });
      if (db) emit.record("multiply", { a: dy, b: emit.data(a!), y: db, count: output.size });
    });
  },
};

/** a·b elementwise; both of the same shape. da = dy·b, db = dy·a. Throws ShapeError for different shapes. */
export function multiply(a: Value, b: Value): Value {
  checkEqualShapes("multiply", a, b);
  return a.graph.apply(operation, [a, b], undefined, a.shape);
}

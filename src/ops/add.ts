import { addOperation, type Value } from "../graph/index.js";

/** a + b elementwise; both of the same shape. Throws ShapeError otherwise. */
export function add(a: Value, b: Value): Value {
  return addOperation.call({ a, b }).y;
}

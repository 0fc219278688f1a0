import { addOperation, type Value } from "../graph/index.js";

/** a + b elementwise, broadcast to each other as NumPy has it. Throws ShapeError if they do not broadcast. */
export function add(a: Value, b: Value): Value {
  return addOperation.call({ a, b }).y;
}

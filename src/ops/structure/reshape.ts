import { ShapeError } from "../../engine/index.js";
import { checkValues, reshapeOperation, type Shape, sizeOf, type Value } from "../../graph/index.js";

/** x under another shape with as many elements, in the same memory. Throws ShapeError if the numbers differ. */
export function reshape(x: Value, shape: Shape): Value {
  return reshapeOperation.call({ x }, { shape }).y;
}

/** [B, …] → [B, product of the rest]. Throws ShapeError for a value without axes. */
export function flatten(x: Value): Value {
  checkValues("flatten", x);
  const [batch, ...rest] = x.shape;
  if (batch === undefined) throw new ShapeError(`flatten: ${x.label} has no axes, wants at least one`);
  return reshape(x, [batch, sizeOf(rest)]);
}

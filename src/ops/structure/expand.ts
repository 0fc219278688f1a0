import { expandOperation, type Shape, type Value } from "../../graph/index.js";

/**
 * x repeated along axes of length 1, and along new axes before the first: expand(x, [4, 3]) of [1, 3] or [3]. −1 leaves an axis as it
 * is. Nothing is moved until something wants it so; the gradient is the sum over the repetitions.
 * @throws ShapeError if x does not expand to the shape
 */
export function expand(x: Value, shape: Shape): Value {
  return expandOperation.call({ x }, { shape }).y;
}

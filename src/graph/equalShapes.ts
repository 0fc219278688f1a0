import { ShapeError } from "../engine/index.js";
import { checkValues, formatValue, type Value } from "./node.js";

/** Throws ShapeError unless `a` and `b`, the operands of `operation`, have the same shape. */
export function checkEqualShapes(operation: string, a: Value, b: Value): void {
  checkValues(operation, a, b);
  if (a.shape.length !== b.shape.length || a.shape.some((length, axis) => length !== b.shape[axis])) {
    throw new ShapeError(
      `${operation}: wants two operands of the same shape, got ${formatValue(a)}, and ${formatValue(b)}`,
    );
  }
}

import type { Value } from "../graph/index.js";
import { applyUnary, unaryOperation } from "./unary.js";

const operation = unaryOperation("exp", (emit, { y, dy, dx }, count) => {
  emit.record("multiply", { a: dy, b: y, y: dx, count });
});

/** eˣ elementwise; any shape. dx = dy·eˣ. */
export function exp(x: Value): Value {
  return applyUnary(operation, x);
}

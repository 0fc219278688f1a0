import type { Value } from "../graph/index.js";
import { applyUnary, unaryOperation } from "./unary.js";

const operation = unaryOperation("log", (emit, { x, dy, dx }, count) => {
  emit.record("divide", { a: dy, b: x, y: dx, count });
});

/** ln x elementwise; any shape. −Infinity at 0, NaN below. dx = dy/x. */
export function log(x: Value): Value {
  return applyUnary(operation, x);
}

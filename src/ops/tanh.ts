import type { Value } from "../graph/index.js";
import { applyUnary, unaryOperation } from "./unary.js";

export const tanhOperation = unaryOperation("tanh", (emit, { y, dy, dx }, count) => {
  emit.record("tanhBackward", { a: y, b: dy, y: dx, count });
});

/** tanh x elementwise; any shape. dx = dy·(1 − y²). */
export function tanh(x: Value): Value {
  return applyUnary(tanhOperation, x);
}

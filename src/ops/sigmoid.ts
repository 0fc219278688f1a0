import type { Value } from "../graph/index.js";
import { applyUnary, unaryOperation } from "./unary.js";

export const sigmoidOperation = unaryOperation("sigmoid", (emit, { y, dy, dx }, count) => {
  emit.record("sigmoidBackward", { a: y, b: dy, y: dx, count });
});

/** 1 / (1 + e⁻ˣ) elementwise; any shape. dx = dy·y·(1 − y). */
export function sigmoid(x: Value): Value {
  return applyUnary(sigmoidOperation, x);
}

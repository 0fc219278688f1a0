import type { Value } from "../graph/index.js";
import { applyUnary, unaryOperation } from "./unary.js";

const operation = unaryOperation("erf", (emit, { x, dy, dx }, count) => {
  emit.record("erfBackward", { a: x, b: dy, y: dx, count });
});

/** erf x = 2/√π ∫₀ˣ e^−t² dt elementwise; any shape. dx = dy·2/√π·e^−x². */
export function erf(x: Value): Value {
  return applyUnary(operation, x);
}

import type { Value } from "../graph/index.js";
import { multiply } from "./multiply.js";
import { unaryOperation } from "./unary.js";

export const expOperation = /* @__PURE__ */ unaryOperation("exp", ({ y, dy }) => multiply(dy, y));

/** eˣ elementwise; any shape. dx = dy·eˣ. */
export function exp(x: Value): Value {
  return expOperation.call({ x }).y;
}

import type { Value } from "../graph/index.js";
import { divide } from "./divide.js";
import { unaryOperation } from "./unary.js";

export const logOperation = /* @__PURE__ */ unaryOperation("log", ({ x, dy }) => divide(dy, x));

/** ln x elementwise; any shape. −Infinity at 0, NaN below. dx = dy/x. */
export function log(x: Value): Value {
  return logOperation.call({ x }).y;
}

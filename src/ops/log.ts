import { divide } from "./divide.js";
import { unaryFunction, unaryOperation } from "./unary.js";

export const logOperation = /* @__PURE__ */ unaryOperation("log", ({ x, dy }) => divide(dy, x));

/** ln x elementwise; any shape. −Infinity at 0, NaN below. dx = dy/x. */
export const log = /* @__PURE__ */ unaryFunction(logOperation);

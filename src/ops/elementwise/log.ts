import { divide } from "./divide.js";
import { unaryFunction } from "../publicFunction.js";
import { unaryOperation } from "./unary.js";

export const logOperation = /* @__PURE__ */ unaryOperation("log", {
  isExpensive: true,
  gradient: ({ x, dy }) => divide(dy, x),
});

/** ln x elementwise; any shape. −Infinity at 0, NaN below. dx = dy/x. */
export const log = /* @__PURE__ */ unaryFunction(logOperation);

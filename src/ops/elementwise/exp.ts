import { multiply } from "./multiply.js";
import { unaryFunction } from "../publicFunction.js";
import { unaryOperation } from "./unary.js";

export const expOperation = /* @__PURE__ */ unaryOperation("exp", {
  isExpensive: true,
  gradient: ({ y, dy }) => multiply(dy, y),
});

/** eˣ elementwise; any shape. dx = dy·eˣ. */
export const exp = /* @__PURE__ */ unaryFunction(expOperation);

import { multiply } from "./multiply.js";
import { unaryFunction, unaryOperation } from "./unary.js";

export const expOperation = /* @__PURE__ */ unaryOperation("exp", ({ y, dy }) => multiply(dy, y));

/** eˣ elementwise; any shape. dx = dy·eˣ. */
export const exp = /* @__PURE__ */ unaryFunction(expOperation);

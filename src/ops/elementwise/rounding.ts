import { unaryFunction } from "../publicFunction.js";
import { unaryOperation } from "./unary.js";

// Step functions: their gradient is 0 wherever there is one, and taken to be so everywhere.

/** The largest integer that is not above x; any shape. The gradient is 0. */
export const floor = /* @__PURE__ */ unaryFunction(/* @__PURE__ */ unaryOperation("floor"));
/** The smallest integer that is not below x; any shape. The gradient is 0. */
export const ceil = /* @__PURE__ */ unaryFunction(/* @__PURE__ */ unaryOperation("ceil"));
/** The integer nearest to x, of two the even one; any shape. The gradient is 0. */
export const round = /* @__PURE__ */ unaryFunction(/* @__PURE__ */ unaryOperation("round"));

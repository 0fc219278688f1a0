import { divide } from "./divide.js";
import { multiply } from "./multiply.js";
import { scale } from "./scale.js";
import { unaryFunction } from "../publicFunction.js";
import { unaryOperation } from "./unary.js";
import { define } from "../../graph/index.js";

export const sinOperation = /* @__PURE__ */ unaryOperation("sin", {
  isExpensive: true,
  gradient: ({ x, dy }) => multiply(dy, cos(x)),
});

export const cosOperation = /* @__PURE__ */ unaryOperation("cos", {
  isExpensive: true,
  gradient: ({ x, dy }) => scale(multiply(dy, sin(x)), -1),
});

/** sin x elementwise, x in radians; any shape. dx = dy·cos x. */
export const sin = /* @__PURE__ */ unaryFunction(sinOperation);

/** cos x elementwise, x in radians; any shape. dx = −dy·sin x. */
export const cos = /* @__PURE__ */ unaryFunction(cosOperation);

/** tan x = sin x / cos x elementwise, x in radians; any shape. */
export const tan = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ define({
    name: "tan",
    inputs: ["x"],
    shape: ({ x }) => ({ y: x.shape }),
    compose: ({ x }) => ({ y: divide(sin(x), cos(x)) }),
  }),
);

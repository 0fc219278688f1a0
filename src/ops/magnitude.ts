import { multiply } from "./multiply.js";
import { sign } from "./rounding.js";
import { cheapOperation, unaryFunction } from "./unary.js";

/** −x elementwise; any shape. */
export const negate = /* @__PURE__ */ unaryFunction(/* @__PURE__ */ cheapOperation("negate", ({ dy }) => negate(dy)));

/** |x| elementwise; any shape. dx = dy·sign x: 0 at 0. */
export const abs = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ cheapOperation("abs", ({ x, dy }) => multiply(dy, sign(x))),
);

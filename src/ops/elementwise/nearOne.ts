import { add } from "./add.js";
import { divide } from "./divide.js";
import { multiply } from "./multiply.js";
import { unaryFunction } from "../publicFunction.js";
import { unaryOperation } from "./unary.js";

/** ln(1 + x) elementwise, exact near 0; any shape. dx = dy/(1 + x). */
export const log1p = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ unaryOperation("log1p", { isExpensive: true, gradient: ({ x, dy }) => divide(dy, add(x, 1)) }),
);

/** eˣ − 1 elementwise, exact near 0; any shape. dx = dy·(y + 1). */
export const expm1 = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ unaryOperation("expm1", { isExpensive: true, gradient: ({ y, dy }) => multiply(dy, add(y, 1)) }),
);

import { multiply } from "../elementwise/multiply.js";
import { scale } from "../elementwise/scale.js";
import { subtract } from "../elementwise/subtract.js";
import { unaryFunction } from "../publicFunction.js";
import { unaryBackwardOperation, unaryOperation } from "../elementwise/unary.js";

// f′ = y·(1 − y), so df′/dy = 1 − 2y.
export const sigmoidBackwardOperation = /* @__PURE__ */ unaryBackwardOperation("sigmoidBackward", (y, product) =>
  subtract(product, scale(multiply(product, y), 2)),
);

export const sigmoidOperation = /* @__PURE__ */ unaryOperation("sigmoid", {
  isExpensive: true,
  gradient: ({ y, dy }) => sigmoidBackwardOperation.apply({ a: y, dy }).dx,
});

/** 1 / (1 + e⁻ˣ) elementwise; any shape. dx = dy·y·(1 − y). */
export const sigmoid = /* @__PURE__ */ unaryFunction(sigmoidOperation);

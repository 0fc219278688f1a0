import { multiply } from "../elementwise/multiply.js";
import { scale } from "../elementwise/scale.js";
import { unaryFunction } from "../publicFunction.js";
import { unaryBackwardOperation, unaryOperation } from "../elementwise/unary.js";

// f′ = 1 − y², so df′/dy = −2y.
export const tanhBackwardOperation = /* @__PURE__ */ unaryBackwardOperation("tanhBackward", (y, product) =>
  scale(multiply(product, y), -2),
);

export const tanhOperation = /* @__PURE__ */ unaryOperation("tanh", {
  isExpensive: true,
  gradient: ({ y, dy }) => tanhBackwardOperation.apply({ a: y, dy }).dx,
});

/** The hyperbolic tangent elementwise; any shape. dx = dy·(1 − y²). */
export const tanh = /* @__PURE__ */ unaryFunction(tanhOperation);

import { multiply } from "./multiply.js";
import { scale } from "./scale.js";
import { unaryFunction } from "../publicFunction.js";
import { unaryBackwardOperation, unaryOperation } from "./unary.js";

// f′ = 2/√π·e^−x², so df′/dx = −2x·f′.
export const erfBackwardOperation = /* @__PURE__ */ unaryBackwardOperation("erfBackward", (x, product) =>
  scale(multiply(x, erfBackwardOperation.apply({ a: x, dy: product }).dx), -2),
);

export const erfOperation = /* @__PURE__ */ unaryOperation("erf", {
  isExpensive: true,
  gradient: ({ x, dy }) => erfBackwardOperation.apply({ a: x, dy }).dx,
});

/** erf x = 2/√π ∫₀ˣ e^−t² dt elementwise; any shape. dx = dy·2/√π·e^−x². */
export const erf = /* @__PURE__ */ unaryFunction(erfOperation);

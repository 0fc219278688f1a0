import { oneOf, optional } from "../../engine/index.js";
import { define, type Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { erf } from "../elementwise/erf.js";
import { multiply } from "../elementwise/multiply.js";
import { square } from "../elementwise/powers.js";
import { scale } from "../elementwise/scale.js";
import { functionWithOptions } from "../publicFunction.js";
import { sigmoid } from "./sigmoid.js";

const forms = ["none", "tanh"] as const;

/** Options of `gelu`. */
export interface GeluOptions {
  /** "none": with the error function. "tanh": the approximation x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))). Default "none". */
  readonly approximate?: (typeof forms)[number];
}

const rate = /* @__PURE__ */ Math.sqrt(8 / Math.PI);

export const geluOperation = /* @__PURE__ */ define({
  name: "gelu",
  inputs: ["x"],
  attributes: { approximate: "none" },
  options: () => ({ approximate: optional(oneOf(forms), "none") }),
  shape: ({ x }) => ({ y: x.shape }),
  compose({ x }, { approximate }) {
    if (approximate === "none") return { y: multiply(scale(x, 0.5), add(erf(scale(x, Math.SQRT1_2)), 1)) };
    // (1 + tanh u)/2 = sigmoid(2u), of which nothing cancels where tanh u is near −1.
    return { y: multiply(x, sigmoid(multiply(x, add(scale(square(x), 0.044715 * rate), rate)))) };
  },
});

/**
 * x·Φ(x) elementwise, Φ being the distribution function of the normal distribution; any shape (Hendrycks and Gimpel, "Gaussian
 * Error Linear Units", 2016).
 */
export const gelu: (x: Value, options?: GeluOptions) => Value = /* @__PURE__ */ functionWithOptions(geluOperation);

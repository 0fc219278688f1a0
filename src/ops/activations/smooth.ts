import { numberFrom, optional } from "../../engine/index.js";
import type { Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { greater } from "../elementwise/comparisons.js";
import { divide } from "../elementwise/divide.js";
import { exp } from "../elementwise/exp.js";
import { maximum, minimum } from "../elementwise/extrema.js";
import { abs, negate } from "../elementwise/magnitude.js";
import { multiply } from "../elementwise/multiply.js";
import { log1p } from "../elementwise/nearOne.js";
import { square } from "../elementwise/powers.js";
import { scale } from "../elementwise/scale.js";
import { subtract } from "../elementwise/subtract.js";
import { where } from "../elementwise/where.js";
import { functionWithOptions, unaryFunction } from "../publicFunction.js";
import { composed } from "./composed.js";
import { sigmoid } from "./sigmoid.js";
import { tanh } from "./tanh.js";

/** x·sigmoid(x) elementwise; any shape (Elfwing et al., "Sigmoid-Weighted Linear Units", 2018). */
export const silu = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ composed("silu", { y: (x) => multiply(x, sigmoid(x)) }),
);

/** ln(1 + e^−|x|). */
const tail = (x: Value): Value => log1p(exp(negate(abs(x))));

/** Options of `softplus`. */
export interface SoftplusOptions {
  /** Default 1. */
  readonly beta?: number;
  /** Above this value of beta·x the function is x itself. Default 20. */
  readonly threshold?: number;
}

/** ln(1 + e^(beta·x))/beta elementwise, without overflow; any shape. dx = dy·sigmoid(beta·x). */
export const softplus: (x: Value, options?: SoftplusOptions) => Value = /* @__PURE__ */ functionWithOptions(
  /* @__PURE__ */ composed(
    "softplus",
    {
      y(x, { beta, threshold }) {
        const z = scale(x, beta);
        return where(greater(z, threshold), x, scale(add(maximum(z, 0), tail(z)), 1 / beta));
      },
      dx(x, dy, { beta, threshold }) {
        const z = scale(x, beta);
        return where(greater(z, threshold), dy, multiply(dy, sigmoid(z)));
      },
    },
    () => ({ beta: optional(numberFrom(-Infinity), 1), threshold: optional(numberFrom(-Infinity), 20) }),
  ),
);

/** ln sigmoid(x) = −ln(1 + e^−x) elementwise, without overflow; any shape. dx = dy·sigmoid(−x). */
export const logSigmoid = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ composed("logSigmoid", {
    y: (x) => subtract(minimum(x, 0), tail(x)),
    dx: (x, dy) => multiply(dy, sigmoid(negate(x))),
  }),
);

/** x / (1 + |x|) elementwise; any shape. dx = dy/(1 + |x|)². */
export const softsign = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ composed("softsign", {
    y: (x) => divide(x, add(abs(x), 1)),
    dx: (x, dy) => divide(dy, square(add(abs(x), 1))),
  }),
);

/** x − tanh x elementwise; any shape. dx = dy·tanh² x. */
export const tanhshrink = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ composed("tanhshrink", {
    y: (x) => subtract(x, tanh(x)),
    dx: (x, dy) => multiply(dy, square(tanh(x))),
  }),
);

/** eˣ and n = eˣ·(eˣ + 2), of which tanh ln(1 + eˣ) is n/(n + 2). Above 20 it is 1 to the last bit. */
function mishParts(x: Value): readonly [e: Value, n: Value] {
  const e = exp(minimum(x, 20));
  return [e, multiply(e, add(e, 2))];
}

/**
 * x·tanh(ln(1 + eˣ)) elementwise; any shape (Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2020), computed
 * from eˣ alone: with n = eˣ·(eˣ + 2) it is x·n/(n + 2).
 */
export const mish = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ composed("mish", {
    y(x) {
      const [, n] = mishParts(x);
      return multiply(x, divide(n, add(n, 2)));
    },
    // dy·(n/(n + 2) + 4x·eˣ·(1 + eˣ)/(n + 2)²)
    dx(x, dy) {
      const [e, n] = mishParts(x);
      const below = add(n, 2);
      const growth = multiply(divide(scale(e, 4), below), divide(add(e, 1), below));
      return where(greater(x, 20), dy, multiply(dy, add(divide(n, below), multiply(x, growth))));
    },
  }),
);

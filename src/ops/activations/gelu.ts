import { oneOf, optional } from "../../engine/index.js";
import { define, type Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { less } from "../elementwise/comparisons.js";
import { divide } from "../elementwise/divide.js";
import { erf } from "../elementwise/erf.js";
import { exp } from "../elementwise/exp.js";
import { negate } from "../elementwise/magnitude.js";
import { multiply } from "../elementwise/multiply.js";
import { square } from "../elementwise/powers.js";
import { scale } from "../elementwise/scale.js";
import { where } from "../elementwise/where.js";
import { functionWithOptions } from "../publicFunction.js";
import { sigmoid } from "./sigmoid.js";

const forms = ["none", "tanh"] as const;

/** Options of `gelu`. */
export interface GeluOptions {
  /** "none": with the error function. "tanh": the approximation x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))). Default "none". */
  readonly approximate?: (typeof forms)[number];
}

// The argument of the sigmoid: 2·√(2/π)·(x + 0.044715·x³).
const rate = 1.5957691216057308;
const cubicRate = 0.07135481627260025;

export const geluOperation = /* @__PURE__ */ define({
  name: "gelu",
  inputs: ["x"],
  attributes: { approximate: "none" },
  options: () => ({ approximate: optional(oneOf(forms), "none") }),
  shape: ({ x }) => ({ y: x.shape }),
  compose({ x }, { approximate }) {
    if (approximate === "none") return { y: multiply(scale(x, 0.5), add(erf(scale(x, Math.SQRT1_2)), 1)) };
    // (1 + tanh u)/2 = sigmoid(2u), of which nothing cancels where tanh u is near −1.
    return { y: multiply(x, sigmoid(argument(x))) };
  },
  gradient({ inputs: { x }, attributes: { approximate }, upstreams: { y: dy } }) {
    const [distribution, density] = approximate === "none" ? normal(x) : logistic(x);
    return { x: multiply(dy, add(distribution, multiply(x, density))) };
  },
});

const argument = (x: Value): Value => multiply(x, add(scale(square(x), cubicRate), rate));

/** Φ(x) and its derivative. */
function normal(x: Value): readonly [Value, Value] {
  const density = scale(exp(scale(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return [scale(add(erf(scale(x, Math.SQRT1_2)), 1), 0.5), density];
}

/** The sigmoid of the argument, and its derivative by x, from e^−|argument|: so both keep what is left of them near 1. */
function logistic(x: Value): readonly [Value, Value] {
  const z = argument(x);
  const isBelow = less(z, 0);
  const e = exp(where(isBelow, z, negate(z)));
  const denominator = add(e, 1);
  const slope = add(scale(square(x), 3 * cubicRate), rate);
  return [divide(where(isBelow, e, 1), denominator), multiply(slope, divide(e, square(denominator)))];
}

/**
 * x·Φ(x) elementwise, Φ being the distribution function of the normal distribution; any shape (Hendrycks and Gimpel, "Gaussian
 * Error Linear Units", 2016).
 */
export const gelu: (x: Value, options?: GeluOptions) => Value = /* @__PURE__ */ functionWithOptions(geluOperation);

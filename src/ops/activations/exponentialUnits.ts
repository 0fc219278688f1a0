import { ArgumentError, numberFrom, optional, type Reader } from "../../engine/index.js";
import type { Operation, Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { less, lessEqual } from "../elementwise/comparisons.js";
import { exp } from "../elementwise/exp.js";
import { maximum, minimum } from "../elementwise/extrema.js";
import { multiply } from "../elementwise/multiply.js";
import { expm1 } from "../elementwise/nearOne.js";
import { scale } from "../elementwise/scale.js";
import { where } from "../elementwise/where.js";
import { functionWithOptions, unaryFunction } from "../publicFunction.js";
import { composed } from "./composed.js";

// y = positive·x above 0, else negative·(e^(rate·x) − 1).

interface Coefficients {
  readonly positive?: number;
  readonly negative?: number;
  readonly rate?: number;
}

const times = (x: Value, factor: number): Value => (factor === 1 ? x : scale(x, factor));

function exponentialUnit<A extends number | undefined = undefined>(
  name: string,
  coefficients: (alpha: A) => Coefficients,
  alpha?: Reader<A>,
): Operation<"x", object, "y"> {
  const of = (attributes: object): Required<Coefficients> => ({
    ...{ positive: 1, negative: 1, rate: 1 },
    ...coefficients((attributes as { readonly alpha: A }).alpha),
  });
  return composed(
    name,
    {
      y(x, attributes) {
        const { positive, negative, rate } = of(attributes);
        // One of the two terms is 0.
        return add(times(maximum(x, 0), positive), times(expm1(times(minimum(x, 0), rate)), negative));
      },
      dx(x, dy, attributes) {
        const { positive, negative, rate } = of(attributes);
        // Nothing overflows where it is not chosen. At 0 the gradient of this gradient is 0, as PyTorch has it.
        const exponent = times(where(less(x, 0), x, 0), rate);
        const below = times(multiply(dy, exp(exponent)), negative * rate);
        return where(lessEqual(x, 0), below, times(dy, positive));
      },
    },
    () => (alpha ? { alpha } : {}),
  );
}

/** Options of `elu` and `celu`. */
export interface EluOptions {
  /** What y goes to at −∞, with its sign changed. Default 1. */
  readonly alpha?: number;
}

/**
 * x where x > 0, else alpha·(eˣ − 1), elementwise; any shape (Clevert et al., "Fast and Accurate Deep Network Learning by
 * Exponential Linear Units", 2016).
 */
export const elu: (x: Value, options?: EluOptions) => Value = /* @__PURE__ */ functionWithOptions(
  /* @__PURE__ */ exponentialUnit(
    "elu",
    (negative: number) => ({ negative }),
    /* @__PURE__ */ optional(/* @__PURE__ */ numberFrom(-Infinity), 1),
  ),
);

const notZero: Reader<number> = (name, given) => {
  if (given !== 0) return numberFrom(-Infinity)(name, given);
  throw new ArgumentError(`${name} must not be 0`);
};

/**
 * x where x > 0, else alpha·(e^(x/alpha) − 1), elementwise; any shape (Barron, "Continuously Differentiable Exponential Linear
 * Units", 2017). alpha must not be 0.
 */
export const celu: (x: Value, options?: EluOptions) => Value = /* @__PURE__ */ functionWithOptions(
  /* @__PURE__ */ exponentialUnit(
    "celu",
    (alpha: number) => ({ negative: alpha, rate: 1 / alpha }),
    /* @__PURE__ */ optional(notZero, 1),
  ),
);

const [selfNormalizing, selfNormalizingAlpha] = [1.0507009873554805, 1.6732632423543772];

/**
 * 1.0507·x where x > 0, else 1.0507·1.6733·(eˣ − 1), elementwise; any shape (Klambauer et al., "Self-Normalizing Neural Networks",
 * 2017).
 */
export const selu = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ exponentialUnit("selu", () => ({
    ...{ positive: selfNormalizing, negative: selfNormalizing * selfNormalizingAlpha },
  })),
);

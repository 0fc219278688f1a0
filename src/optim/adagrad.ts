import { numberFrom, optional } from "../engine/index.js";
import { define } from "../graph/index.js";
import { type Optimizer, optimizer, type OptimizerOptions } from "./optimizer.js";
import { rule } from "./rule.js";

export interface AdagradRule {
  /** Divides the rate of step t by 1 + (t − 1)·learningRateDecay. Default 0. */
  readonly learningRateDecay?: number;
  /** Where the sum of squares begins. Default 0. */
  readonly initialAccumulator?: number;
  /** Added to the root of the sum. Default 1e-10. */
  readonly epsilon?: number;
  /** L2 penalty: weightDecay·w is added to the gradient. Default 0. */
  readonly weightDecay?: number;
}

export interface AdagradOptions extends AdagradRule, OptimizerOptions<AdagradRule> {}

const adagradOperation = /* @__PURE__ */ define({
  name: "adagrad",
  inputs: ["weight", "gradient", "sumOfSquares", "learningRate"],
  outputs: ["newWeight", "newSum"],
  updates: { newWeight: "weight", newSum: "sumOfSquares" },
  attributes: { epsilon: 0, weightDecay: 0 },
  shape: ({ weight }) => ({ newWeight: weight.shape, newSum: weight.shape }),
  lower: (emit, { inputs: { gradient, learningRate }, outputs: { newWeight, newSum }, attributes }) =>
    emit.record("adagrad", {
      ...{ weights: newWeight, gradients: gradient, sumOfSquares: newSum, learningRate, count: gradient.size },
      ...attributes,
    }),
});

/**
 * AdaGrad (Duchi, Hazan, Singer, "Adaptive Subgradient Methods", 2011): s += g²; w −= rate·g/(√s + ε).
 * @throws ArgumentError for values out of range
 */
export function adagrad(options: AdagradOptions): Optimizer {
  const readers = {
    learningRateDecay: optional(numberFrom(0), 0),
    initialAccumulator: optional(numberFrom(0), 0),
    epsilon: optional(numberFrom(0), 1e-10),
    weightDecay: optional(numberFrom(0), 0),
  };
  return optimizer<AdagradRule, typeof readers>(
    "adagrad",
    options,
    readers,
    ({ learningRateDecay, initialAccumulator, ...attributes }) =>
      rule({
        state: ["sumOfSquares"],
        initial: { sumOfSquares: initialAccumulator },
        scalars: ({ step, learningRate }) => ({ rate: learningRate / (1 + (step - 1) * learningRateDecay) }),
        update({ weight, gradient, state: { sumOfSquares }, scalars: { rate } }) {
          const given = { weight, gradient, sumOfSquares, learningRate: rate };
          const { newWeight, newSum } = adagradOperation.apply(given, attributes);
          return { weight: newWeight, sumOfSquares: newSum };
        },
      }),
  );
}

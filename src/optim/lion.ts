import { numberBelow, numberFrom, optional } from "../engine/index.js";
import { sign } from "../ops/elementwise/magnitude.js";
import { multiply } from "../ops/elementwise/multiply.js";
import { mean, stepped } from "./arithmetic.js";
import { type Optimizer, optimizer, type OptimizerOptions } from "./optimizer.js";
import { rule } from "./rule.js";

export interface LionRule {
  /** Weight of the momentum in the direction of a step. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the momentum. Default 0.99. */
  readonly beta2?: number;
  /** Weights shrink by rate·weightDecay·w. Default 0. */
  readonly weightDecay?: number;
}

export interface LionOptions extends LionRule, OptimizerOptions<LionRule> {}

/**
 * Lion (Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023): w −= rate·(sign(β₁m + (1−β₁)g) + weightDecay·w);
 * m = β₂m + (1−β₂)g. Rates are a third to a tenth of Adam's.
 * @throws ArgumentError for values out of range
 */
export function lion(options: LionOptions): Optimizer {
  const readers = {
    beta1: optional(numberBelow(0, 1), 0.9),
    beta2: optional(numberBelow(0, 1), 0.99),
    weightDecay: optional(numberFrom(0), 0),
  };
  return optimizer<LionRule, typeof readers>("lion", options, readers, ({ beta1, beta2, weightDecay }) =>
    rule({
      state: ["momentum"],
      scalars: ({ learningRate }) => ({ shrink: 1 - learningRate * weightDecay }),
      update({ weight, gradient, learningRate, state: { momentum }, scalars: { shrink } }) {
        const direction = sign(mean(momentum, gradient, 1 - beta1));
        return {
          weight: stepped(weightDecay > 0 ? multiply(weight, shrink) : weight, direction, learningRate),
          momentum: mean(momentum, gradient, 1 - beta2),
        };
      },
    }),
  );
}

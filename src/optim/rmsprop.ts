import { flag, numberFrom, optional } from "../engine/index.js";
import { add } from "../ops/elementwise/add.js";
import { divide } from "../ops/elementwise/divide.js";
import { maximum } from "../ops/elementwise/extrema.js";
import { multiply } from "../ops/elementwise/multiply.js";
import { sqrt } from "../ops/elementwise/powers.js";
import { subtract } from "../ops/elementwise/subtract.js";
import { decayed, mean, meanSquare, stepped } from "./arithmetic.js";
import { type Optimizer, optimizer, type OptimizerOptions } from "./optimizer.js";
import { rule } from "./rule.js";

export interface RmspropRule {
  /** Decay of the mean of squares. Default 0.99. */
  readonly alpha?: number;
  /** Added to the root of the mean. Default 1e-8. */
  readonly epsilon?: number;
  /** L2 penalty: weightDecay·w is added to the gradient. Default 0. */
  readonly weightDecay?: number;
  /** Default 0. */
  readonly momentum?: number;
  /** Divide by the root of the variance instead of the mean square. Default false. */
  readonly centered?: boolean;
}

export interface RmspropOptions extends RmspropRule, OptimizerOptions<RmspropRule> {}

/**
 * RMSprop (Tieleman and Hinton, lecture 6.5 of "Neural Networks for Machine Learning", 2012) as PyTorch's: v = αv + (1−α)g²;
 * d = g/(√v + ε), centered g/(√(v − ḡ²) + ε) with ḡ the running mean of g; b = momentum·b + d; w −= rate·b.
 * @throws ArgumentError for values out of range
 */
export function rmsprop(options: RmspropOptions): Optimizer {
  const readers = {
    alpha: optional(numberFrom(0, 1), 0.99),
    epsilon: optional(numberFrom(0), 1e-8),
    weightDecay: optional(numberFrom(0), 0),
    momentum: optional(numberFrom(0), 0),
    centered: optional(flag, false),
  };
  return optimizer<RmspropRule, typeof readers>("rmsprop", options, readers, (own) => {
    const { alpha, epsilon, weightDecay, momentum, centered } = own;
    const names = ["secondMoment", "firstMoment", "velocity"] as const;
    return rule({
      state: names.filter((_, i) => [true, centered, momentum > 0][i]),
      update({ weight, gradient, learningRate, state }) {
        const g = decayed(gradient, weight, weightDecay);
        const secondMoment = meanSquare(state.secondMoment, g, alpha, 1 - alpha);
        const firstMoment = centered && mean(state.firstMoment, g, 1 - alpha);
        // Rounding may make a variance near 0 less than that.
        const variance = firstMoment
          ? maximum(subtract(secondMoment, multiply(firstMoment, firstMoment)), 0)
          : secondMoment;
        const direction = divide(g, add(sqrt(variance), epsilon));
        const velocity = momentum > 0 && add(multiply(state.velocity, momentum), direction);
        return {
          weight: stepped(weight, velocity || direction, learningRate),
          ...{ secondMoment, ...(firstMoment && { firstMoment }), ...(velocity && { velocity }) },
        };
      },
    });
  });
}

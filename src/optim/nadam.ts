import { numberFrom, optional } from "../engine/index.js";
import { add } from "../ops/elementwise/add.js";
import { divide } from "../ops/elementwise/divide.js";
import { multiply } from "../ops/elementwise/multiply.js";
import { sqrt } from "../ops/elementwise/powers.js";
import { decayed, mean, meanSquare } from "./arithmetic.js";
import { correction, momentReaders, type MomentRule, productOver } from "./moments.js";
import { type Optimizer, optimizer, type OptimizerOptions } from "./optimizer.js";
import { realPower } from "./power.js";
import { rule } from "./rule.js";
import { subtract } from "../ops/elementwise/subtract.js";

export interface NadamRule extends MomentRule {
  /** How fast the momentum approaches β₁: μₜ = β₁(1 − ½·0.96^(t·momentumDecay)). Default 0.004. */
  readonly momentumDecay?: number;
}

export interface NadamOptions extends NadamRule, OptimizerOptions<NadamRule> {}

/**
 * NAdam (Dozat, "Incorporating Nesterov Momentum into Adam", 2016) as PyTorch's: the moments of Adam, and
 * w −= rate·((1−μₜ)/(1−μ₁…μₜ)·g + μₜ₊₁/(1−μ₁…μₜ₊₁)·m)/(√v̂ + ε).
 * @throws ArgumentError for values out of range
 */
export function nadam(options: NadamOptions): Optimizer {
  const readers = { ...momentReaders(), momentumDecay: optional(numberFrom(0), 0.004) };
  return optimizer<NadamRule, typeof readers>("nadam", options, readers, (own) => {
    const { beta1, beta2, epsilon, weightDecay, momentumDecay } = own;
    const momentum = (step: number): number => beta1 * (1 - 0.5 * realPower(0.96, step * momentumDecay));
    const product = productOver(momentum);
    return rule({
      state: ["firstMoment", "secondMoment"],
      scalars({ step, learningRate }) {
        const [now, next] = [momentum(step), momentum(step + 1)];
        const all = product(step);
        return {
          ofGradient: (learningRate * (1 - now)) / (1 - all),
          ofMoment: (learningRate * next) / (1 - all * next),
          biasCorrection2: 1 / Math.sqrt(correction(beta2, step)),
        };
      },
      update({ weight, gradient, state, scalars: { ofGradient, ofMoment, biasCorrection2 } }) {
        const g = decayed(gradient, weight, weightDecay);
        const firstMoment = mean(state.firstMoment, g, 1 - beta1);
        const secondMoment = meanSquare(state.secondMoment, g, beta2, 1 - beta2);
        const root = add(multiply(sqrt(secondMoment), biasCorrection2), epsilon);
        const direction = add(multiply(g, ofGradient), multiply(firstMoment, ofMoment));
        return { weight: subtract(weight, divide(direction, root)), firstMoment, secondMoment };
      },
    });
  });
}

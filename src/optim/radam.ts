import { add } from "../ops/elementwise/add.js";
import { divide } from "../ops/elementwise/divide.js";
import { multiply } from "../ops/elementwise/multiply.js";
import { sqrt } from "../ops/elementwise/powers.js";
import { decayed, mean, meanSquare, stepped } from "./arithmetic.js";
import { correction, momentReaders, type MomentRule } from "./moments.js";
import { type Optimizer, optimizer, type OptimizerOptions } from "./optimizer.js";
import { rule } from "./rule.js";

export interface RadamOptions extends MomentRule, OptimizerOptions<MomentRule> {}

/**
 * RAdam (Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond", 2020, algorithm 2): the moments of Adam;
 * w −= rate·r·m̂/√v̂ with their rectification r, or w −= rate·m̂ as long as ρₜ ≤ 5. ε is added to √v, as PyTorch does.
 * @throws ArgumentError for values out of range
 */
export function radam(options: RadamOptions): Optimizer {
  const readers = momentReaders();
  return optimizer<MomentRule, typeof readers>("radam", options, readers, ({ beta1, beta2, epsilon, weightDecay }) =>
    rule({
      state: ["firstMoment", "secondMoment"],
      scalars({ step, learningRate }) {
        const left = correction(beta2, step);
        const most = 2 / (1 - beta2) - 1;
        const length = most - (2 * step * (1 - left)) / left;
        const rate = learningRate / correction(beta1, step);
        // Divided by 0·√v + 1, the mean is what it was.
        if (length <= 5) return { rate, ofRoot: 0, rest: 1 };
        const ratio = ((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length);
        return { rate: rate * Math.sqrt(ratio * left), ofRoot: 1, rest: epsilon };
      },
      update({ weight, gradient, state, scalars: { rate, ofRoot, rest } }) {
        const g = decayed(gradient, weight, weightDecay);
        const firstMoment = mean(state.firstMoment, g, 1 - beta1);
        const secondMoment = meanSquare(state.secondMoment, g, beta2, 1 - beta2);
        const root = add(multiply(sqrt(secondMoment), ofRoot), rest);
        return { weight: stepped(weight, divide(firstMoment, root), rate), firstMoment, secondMoment };
      },
    }),
  );
}

import { add } from "../ops/elementwise/add.js";
import { divide } from "../ops/elementwise/divide.js";
import { maximum } from "../ops/elementwise/extrema.js";
import { abs } from "../ops/elementwise/magnitude.js";
import { multiply } from "../ops/elementwise/multiply.js";
import { decayed, mean, stepped } from "./arithmetic.js";
import { correction, momentReaders, type MomentRule } from "./moments.js";
import { type Optimizer, optimizer, type OptimizerOptions } from "./optimizer.js";
import { rule } from "./rule.js";

export interface AdamaxOptions extends MomentRule, OptimizerOptions<MomentRule> {}

/**
 * Adamax (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 2): m = β₁m + (1−β₁)g;
 * u = max(β₂u, |g| + ε); w −= rate/(1−β₁ᵗ)·m/u.
 * @throws ArgumentError for values out of range
 */
export function adamax(options: AdamaxOptions): Optimizer {
  const readers = momentReaders();
  return optimizer<MomentRule, typeof readers>("adamax", options, readers, ({ beta1, beta2, epsilon, weightDecay }) =>
    rule({
      state: ["firstMoment", "norm"],
      scalars: ({ step, learningRate }) => ({ rate: learningRate / correction(beta1, step) }),
      update({ weight, gradient, state, scalars: { rate } }) {
        const g = decayed(gradient, weight, weightDecay);
        const firstMoment = mean(state.firstMoment, g, 1 - beta1);
        const norm = maximum(multiply(state.norm, beta2), add(abs(g), epsilon));
        return { weight: stepped(weight, divide(firstMoment, norm), rate), firstMoment, norm };
      },
    }),
  );
}

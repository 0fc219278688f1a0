import { numberFrom, optional } from "../engine/index.js";
import { add } from "../ops/elementwise/add.js";
import { divide } from "../ops/elementwise/divide.js";
import { multiply } from "../ops/elementwise/multiply.js";
import { sqrt } from "../ops/elementwise/powers.js";
import { decayed, meanSquare, stepped } from "./arithmetic.js";
import { type Optimizer, optimizer, type OptimizerOptions } from "./optimizer.js";
import { rule } from "./rule.js";

export interface AdadeltaRule {
  /** Decay of both means of squares. Default 0.9. */
  readonly rho?: number;
  /** Added to both means before their roots. Default 1e-6. */
  readonly epsilon?: number;
  /** L2 penalty: weightDecay·w is added to the gradient. Default 0. */
  readonly weightDecay?: number;
}

export interface AdadeltaOptions extends AdadeltaRule, OptimizerOptions<AdadeltaRule> {}

/**
 * AdaDelta (Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012): v = ρv + (1−ρ)g²; d = √(u + ε)/√(v + ε)·g;
 * u = ρu + (1−ρ)d²; w −= rate·d. The paper's rate is 1.
 * @throws ArgumentError for values out of range
 */
export function adadelta(options: AdadeltaOptions): Optimizer {
  const readers = {
    rho: optional(numberFrom(0, 1), 0.9),
    epsilon: optional(numberFrom(0), 1e-6),
    weightDecay: optional(numberFrom(0), 0),
  };
  return optimizer<AdadeltaRule, typeof readers>("adadelta", options, readers, ({ rho, epsilon, weightDecay }) =>
    rule({
      state: ["secondMoment", "changes"],
      update({ weight, gradient, learningRate, state }) {
        const g = decayed(gradient, weight, weightDecay);
        const secondMoment = meanSquare(state.secondMoment, g, rho, 1 - rho);
        const ratio = divide(sqrt(add(state.changes, epsilon)), sqrt(add(secondMoment, epsilon)));
        const change = multiply(ratio, g);
        const changes = meanSquare(state.changes, change, rho, 1 - rho);
        return { weight: stepped(weight, change, learningRate), secondMoment, changes };
      },
    }),
  );
}

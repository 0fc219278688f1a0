import { add } from "../ops/elementwise/add.js";
import { greater } from "../ops/elementwise/comparisons.js";
import { divide } from "../ops/elementwise/divide.js";
import { numberFrom, optional } from "../engine/index.js";
import { logicalAnd } from "../ops/elementwise/logical.js";
import { multiply } from "../ops/elementwise/multiply.js";
import { sqrt } from "../ops/elementwise/powers.js";
import { where } from "../ops/elementwise/where.js";
import { norm } from "../ops/reductions/norm.js";
import { decayed, mean, meanSquare, stepped } from "./arithmetic.js";
import { correction, momentReaders, type MomentRule } from "./moments.js";
import { type Optimizer, optimizer, type OptimizerOptions } from "./optimizer.js";
import { rule } from "./rule.js";

export interface LambOptions extends MomentRule, OptimizerOptions<MomentRule> {}

/**
 * LAMB (You et al., "Large Batch Optimization for Deep Learning", 2020, algorithm 2): r = m̂/(√v̂ + ε) + weightDecay·w, with the moments
 * of Adam; w −= rate·‖w‖/‖r‖·r, for each parameter by itself. Where a norm is 0, the ratio is 1. ε is 1e-6 by default.
 * @throws ArgumentError for values out of range
 */
export function lamb(options: LambOptions): Optimizer {
  const readers = { ...momentReaders(), epsilon: optional(numberFrom(0), 1e-6) };
  return optimizer<MomentRule, typeof readers>("lamb", options, readers, ({ beta1, beta2, epsilon, weightDecay }) =>
    rule({
      state: ["firstMoment", "secondMoment"],
      isByTensor: true,
      scalars: ({ step }) => ({
        biasCorrection1: 1 / correction(beta1, step),
        biasCorrection2: 1 / Math.sqrt(correction(beta2, step)),
      }),
      update({ weight, gradient, learningRate, state, scalars: { biasCorrection1, biasCorrection2 } }) {
        const firstMoment = mean(state.firstMoment, gradient, 1 - beta1);
        const secondMoment = meanSquare(state.secondMoment, gradient, beta2, 1 - beta2);
        const root = add(multiply(sqrt(secondMoment), biasCorrection2), epsilon);
        const direction = decayed(divide(multiply(firstMoment, biasCorrection1), root), weight, weightDecay);
        const [ofWeight, ofDirection] = [norm(weight), norm(direction)];
        const areLong = logicalAnd(greater(ofWeight, 0), greater(ofDirection, 0));
        const ratio = where(areLong, divide(ofWeight, ofDirection), 1);
        return {
          weight: stepped(weight, direction, multiply(ratio, learningRate)),
          ...{ firstMoment, secondMoment },
        };
      },
    }),
  );
}

import { checkNumber, checkOptions } from "../engine/index.js";
import { learningRateOf, type LearningRateOptions, type Optimizer } from "./optimizer.js";

export interface AdagradOptions extends LearningRateOptions {
  /** Added to the root of the sum. Default 1e-10. */
  readonly epsilon?: number;
  /** L2 penalty: weightDecay·w is added to the gradient. Default 0. */
  readonly weightDecay?: number;
}

/**
 * AdaGrad (Duchi, Hazan, Singer, "Adaptive Subgradient Methods", 2011): s += g²; w −= rate·g/(√s + ε).
 * @throws ArgumentError for values out of range
 */
export function adagrad(options: AdagradOptions): Optimizer {
  checkOptions("optim.adagrad", options, ["learningRate", "schedule", "epsilon", "weightDecay"]);
  const { epsilon = 1e-10, weightDecay = 0, ...rate } = options;
  const learningRate = learningRateOf(rate);
  checkNumber("epsilon", epsilon, 0);
  checkNumber("weightDecay", weightDecay, 0);
  return {
    name: "adagrad",
    stateBuffers: ["sumOfSquares"],
    update(emit, { weights, gradients, state, count, guard }) {
      const sumOfSquares = state[0]!;
      const scalars = { learningRate: emit.scalar("learningRate") };
      emit.record("adagrad", { weights, gradients, guard, sumOfSquares, count, epsilon, weightDecay, ...scalars });
    },
    prepare(scalars, progress) {
      scalars.set("learningRate", learningRate(progress));
    },
  };
}

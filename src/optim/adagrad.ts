import { numberFrom, optional, readOptions } from "../engine/index.js";
import { learningRateOf, type LearningRateOptions, learningRateReaders, type Optimizer } from "./optimizer.js";

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
  const { epsilon, weightDecay, ...rate } = readOptions("optim.adagrad", options, {
    ...learningRateReaders(),
    epsilon: optional(numberFrom(0), 1e-10),
    weightDecay: optional(numberFrom(0), 0),
  });
  const learningRate = learningRateOf(rate);
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

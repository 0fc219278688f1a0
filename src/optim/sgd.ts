import { ArgumentError, flag, numberFrom, optional, readOptions } from "../engine/index.js";
import { learningRateOf, type LearningRateOptions, learningRateReaders, type Optimizer } from "./optimizer.js";

export interface SgdOptions extends LearningRateOptions {
  /** Default 0. */
  readonly momentum?: number;
  /** Nesterov's momentum; needs momentum > 0. Default false. */
  readonly nesterov?: boolean;
  /** L2 penalty: weightDecay·w is added to the gradient. Default 0. */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent as PyTorch's: g += weightDecay·w; b = momentum·b + g; w −= rate·b, or rate·(g + momentum·b)
 * with Nesterov (Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013).
 * @throws ArgumentError for values out of range
 */
export function sgd(options: SgdOptions): Optimizer {
  const { momentum, nesterov, weightDecay, ...rate } = readOptions("optim.sgd", options, {
    ...learningRateReaders(),
    momentum: optional(numberFrom(0), 0),
    nesterov: optional(flag, false),
    weightDecay: optional(numberFrom(0), 0),
  });
  const learningRate = learningRateOf(rate);
  if (nesterov && momentum === 0) throw new ArgumentError("nesterov needs a momentum above 0, got 0; 0.9 is common");
  return {
    name: "sgd",
    stateBuffers: momentum > 0 ? ["momentum"] : [],
    update(emit, { weights, gradients, state, count, guard }) {
      const velocity = state[0] ?? 0;
      const scalars = { learningRate: emit.scalar("learningRate") };
      emit.record("sgd", { weights, gradients, guard, velocity, count, momentum, nesterov, weightDecay, ...scalars });
    },
    prepare(scalars, progress) {
      scalars.set("learningRate", learningRate(progress));
    },
  };
}

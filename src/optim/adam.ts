import { flag, numberBelow, numberFrom, optional, readOptions } from "../engine/index.js";
import { learningRateOf, type LearningRateOptions, learningRateReaders, type Optimizer } from "./optimizer.js";
import { power } from "./power.js";

export interface AdamOptions extends LearningRateOptions {
  /** Decay of the first moment. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the second moment. Default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second moment. Default 1e-8. */
  readonly epsilon?: number;
  /** Default 0. */
  readonly weightDecay?: number;
  /** Shrink the weights directly (AdamW, Loshchilov and Hutter 2019) instead of adding to the gradient. Default false. */
  readonly decoupled?: boolean;
}

/**
 * Adam (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1): m = β₁m + (1−β₁)g,
 * v = β₂v + (1−β₂)g², w −= rate·m̂/(√v̂ + ε) with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).
 * @throws ArgumentError for values out of range
 */
export function adam(options: AdamOptions): Optimizer {
  const { beta1, beta2, epsilon, weightDecay, decoupled, ...rate } = readOptions("optim.adam", options, {
    ...learningRateReaders(),
    beta1: optional(numberBelow(0, 1), 0.9),
    beta2: optional(numberBelow(0, 1), 0.999),
    epsilon: optional(numberFrom(0), 1e-8),
    weightDecay: optional(numberFrom(0), 0),
    decoupled: optional(flag, false),
  });
  const learningRate = learningRateOf(rate);
  return {
    name: "adam",
    stateBuffers: ["firstMoment", "secondMoment"],
    update(emit, { weights, gradients, state, count, guard }) {
      const [firstMoment, secondMoment] = [state[0]!, state[1]!];
      const learningRate = emit.scalar("learningRate");
      const biasCorrection1 = emit.scalar("biasCorrection1");
      const biasCorrection2 = emit.scalar("biasCorrection2");
      const scalars = { learningRate, biasCorrection1, biasCorrection2 };
      const constants = { rest1: 1 - beta1, rest2: 1 - beta2, beta2, epsilon, weightDecay, decoupled };
      emit.record("adam", { weights, gradients, guard, firstMoment, secondMoment, count, ...constants, ...scalars });
    },
    prepare(scalars, progress) {
      scalars.set("learningRate", learningRate(progress));
      scalars.set("biasCorrection1", 1 / (1 - power(beta1, progress.step)));
      scalars.set("biasCorrection2", 1 / Math.sqrt(1 - power(beta2, progress.step)));
    },
  };
}

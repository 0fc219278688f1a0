import { checkNumber, checkOptions } from "../engine/index.js";
import { batchNorm as batchNormOp } from "../ops/batchNorm.js";
import { ones, zeros } from "./initializers.js";
import type { Layer } from "./scope.js";

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Weight of the batch in the running statistics. Default 0.1. */
  readonly momentum?: number;
}

/**
 * Normalises each channel (the last axis) over all others, then scales and shifts it (Ioffe and Szegedy, "Batch
 * Normalization", 2015). Training uses the batch's statistics, evaluation the running ones.
 * State, all [channels]: weight (γ), bias (β), runningMean, runningVariance.
 */
export function batchNorm(options: BatchNormOptions = {}): Layer {
  checkOptions("nn.batchNorm", options, ["epsilon", "momentum"]);
  const { epsilon = 1e-5, momentum = 0.1 } = options;
  checkNumber("epsilon", epsilon, Number.MIN_VALUE);
  checkNumber("momentum", momentum, 0, 1);
  return {
    name: "batchNorm",
    apply(x, scope) {
      const shape = [x.shape[x.shape.length - 1] ?? 0];
      const gamma = scope.parameter("weight", shape, ones);
      const beta = scope.parameter("bias", shape, zeros);
      const runningMean = scope.buffer("runningMean", shape, zeros);
      const runningVariance = scope.buffer("runningVariance", shape, ones);
      const { training } = scope;
      return batchNormOp(x, gamma, beta, runningMean, runningVariance, { epsilon, momentum, training });
    },
  };
}

import { numberFrom, optional } from "../engine/index.js";
import { batchNorm as batchNormOp } from "../ops/normalization/batchNorm.js";
import { layerFactory, type LayerFactory } from "./factory.js";
import { ones, zeros } from "./initializers.js";

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
export const batchNorm: LayerFactory<BatchNormOptions> = /* @__PURE__ */ layerFactory(
  "batchNorm",
  () => ({
    epsilon: optional(numberFrom(Number.MIN_VALUE), 1e-5),
    momentum: optional(numberFrom(0, 1), 0.1),
  }),
  (options) => ({
    name: "batchNorm",
    apply(x, scope) {
      const shape = [x.shape[x.shape.length - 1] ?? 0];
      const gamma = scope.parameter("weight", shape, ones);
      const beta = scope.parameter("bias", shape, zeros);
      const runningMean = scope.buffer("runningMean", shape, zeros);
      const runningVariance = scope.buffer("runningVariance", shape, ones);
      return batchNormOp(x, gamma, beta, runningMean, runningVariance, { ...options, training: scope.training });
    },
  }),
);

import { flag, numberFrom, optional, type Reader } from "../engine/index.js";
import type { Value } from "../graph/index.js";
import { batchNorm as batchNormOp, cumulativeBatchNorm } from "../ops/normalization/batchNorm.js";
import { instanceNorm as instanceNormOp } from "../ops/normalization/groupNorm.js";
import { affineOf } from "./affine.js";
import { layerFactory, type LayerFactory } from "./factory.js";
import { ones, zeros } from "./initializers.js";
import type { Scope } from "./scope.js";

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Weight of the batch in the running statistics; null gives all batches so far the same. Default 0.1. */
  readonly momentum?: number | null;
  /** Whether it has weight and bias. Default true. */
  readonly affine?: boolean;
  /** Whether it has running statistics; without, evaluation normalises by the batch's, too. Default true. */
  readonly trackRunningStatistics?: boolean;
}

const momentumReader: Reader<number | null> = (name, given) => (given === null ? null : numberFrom(0, 1)(name, given));

/** Running mean and variance of so many channels. */
function runningOf(scope: Scope, channels: number): readonly [Value, Value] {
  return [scope.buffer("runningMean", [channels], zeros), scope.buffer("runningVariance", [channels], ones)];
}

/**
 * Normalises each channel (the last axis) over all others, then scales and shifts it (Ioffe and Szegedy, "Batch
 * Normalization", 2015): x [batch, channels], [batch, length, channels] and so on. Training uses the batch's statistics, evaluation
 * the running ones.
 * State, all [channels]: weight (γ), bias (β), runningMean, runningVariance; with momentum null, batchesTracked [].
 */
export const batchNorm: LayerFactory<BatchNormOptions> = /* @__PURE__ */ layerFactory(
  "batchNorm",
  () => ({
    epsilon: optional(numberFrom(Number.MIN_VALUE), 1e-5),
    momentum: optional(momentumReader, 0.1),
    affine: optional(flag, true),
    trackRunningStatistics: optional(flag, true),
  }),
  ({ epsilon, momentum, affine, trackRunningStatistics }) => ({
    name: "batchNorm",
    apply(x, scope) {
      const channels = x.shape.at(-1) ?? 0;
      const [gamma, beta] = affineOf(scope, [channels], affine);
      const training = scope.training || !trackRunningStatistics;
      if (!trackRunningStatistics) return batchNormOp(x, gamma, beta, undefined, undefined, { epsilon, training });
      const running = runningOf(scope, channels);
      const batches = momentum === null ? scope.buffer("batchesTracked", [], zeros) : undefined;
      if (batches && training) return cumulativeBatchNorm({ x, gamma, beta }, running, batches, epsilon);
      return batchNormOp(x, gamma, beta, ...running, { epsilon, momentum: momentum ?? 0, training });
    },
  }),
);

export interface InstanceNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Weight of the batch in the running statistics. Default 0.1. */
  readonly momentum?: number;
  /** Whether it has weight and bias. Default false. */
  readonly affine?: boolean;
  /** Whether it has running statistics, by which evaluation normalises. Default false. */
  readonly trackRunningStatistics?: boolean;
}

/**
 * Normalises each channel (the last axis) of each sample over all places (Ulyanov, Vedaldi and Lempitsky, "Instance
 * Normalization", 2016): x [batch, length, channels], [batch, height, width, channels] and so on.
 * State, all [channels], if asked for: weight (γ), bias (β); runningMean, runningVariance.
 */
export const instanceNorm: LayerFactory<InstanceNormOptions> = /* @__PURE__ */ layerFactory(
  "instanceNorm",
  () => ({
    epsilon: optional(numberFrom(0), 1e-5),
    momentum: optional(numberFrom(0, 1), 0.1),
    affine: optional(flag, false),
    trackRunningStatistics: optional(flag, false),
  }),
  ({ epsilon, momentum, affine, trackRunningStatistics }) => ({
    name: "instanceNorm",
    apply(x, scope) {
      const channels = x.shape.at(-1) ?? 0;
      const [gamma, beta] = affineOf(scope, [channels], affine);
      const training = scope.training || !trackRunningStatistics;
      const running = trackRunningStatistics ? runningOf(scope, channels) : [];
      return instanceNormOp(x, gamma, beta, running[0], running[1], { epsilon, momentum, training });
    },
  }),
);

import { checkNumber, ShapeError } from "../engine/index.js";
import { type Buffer, formatShape, type Operation, type Value } from "../graph/index.js";

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Weight of the batch in the running statistics. Default 0.1. */
  readonly momentum?: number;
  /** Normalise by the batch's statistics and update the running ones; else normalise by the running ones. */
  readonly training: boolean;
  /** Apply max(y, 0) in the same pass. Default false. */
  readonly relu?: boolean;
}
export type BatchNormAttributes = Required<BatchNormOptions>;

/** For backward: center, scale and offset of each lane, and of each channel 1/√(variance + ε) and the center's rounding. */
export interface BatchNormKept {
  readonly table: Buffer;
  readonly saved: Buffer;
}

/** Wide rows in one chunk of a reduction: bounds the rounding of the variance (see assembly/norm/statistics.ts). */
const chunkRows = 128;

export const batchNormOperation: Operation<BatchNormAttributes, BatchNormKept> = {
  name: "batchNorm",
  forward(emit, { inputs: [x, gamma, beta, runningMean, runningVariance], attributes, output }) {
    const wide = wideRows(x!);
    const { width, channels } = wide;
    const table = emit.scratch(12 * width, "scale and offset");
    const saved = emit.scratch(8 * channels, "deviation");
    const common = { ...wide, x: emit.data(x!), table };
    const parameters = {
      gamma: emit.data(gamma!),
      beta: emit.data(beta!),
      runningMean: emit.data(runningMean!),
      runningVariance: emit.data(runningVariance!),
      epsilon: attributes.epsilon,
      saved,
    };
    if (attributes.training) {
      const partials = emit.scratch(partialBytes(x!, 3), "partial sums");
      const totals = emit.scratch(16 * width, "sums");
      emit.record("batchNormStatistics", { ...common, partials, chunkRows });
      const { momentum } = attributes;
      emit.record("batchNormFinish", { ...common, ...parameters, partials, totals, chunkRows, momentum });
    } else emit.record("batchNormFold", { ...parameters, table, channels, width });
    emit.record("batchNormApply", { ...common, y: emit.data(output), relu: attributes.relu });
    return { table, saved };
  },
  backward(emit, { inputs: [x, gamma, beta], attributes: { training, relu } }, { table, saved }, dy) {
    const wide = wideRows(x!);
    emit.contribute([x!, gamma!, beta!], ([dx, dgamma, dbeta]) => {
      const partials = emit.scratch(partialBytes(x!, 2), "partial sums");
      const totals = emit.scratch(16 * wide.width, "sums");
      const coefficients = emit.scratch(12 * wide.width, "coefficients");
      const common = { ...wide, x: emit.data(x!), dy, table, relu };
      emit.record("batchNormBackwardReduce", { ...common, partials, chunkRows });
      emit.record("batchNormBackwardFinish", {
        ...common,
        partials,
        chunkRows,
        saved,
        totals,
        dgamma: dgamma ?? 0,
        dbeta: dbeta ?? 0,
        coefficients,
        frozen: !training,
      });
      if (dx) emit.record("batchNormBackwardApply", { ...common, coefficients, dx });
    });
  },
};

/**
 * (x − mean)/√(variance + ε)·gamma + beta for each channel, the last axis: x [..., C], the others [C] → [..., C]. In training
 * mean and biased variance are those of the batch, and the running statistics, which must have memory of their own
 * (graph.state), move towards them (with the unbiased variance, as PyTorch's do). Gradients: docs/derivations.md. Throws
 * ShapeError for shapes that do not fit and for a training batch of a single element a channel; ArgumentError for ε ≤ 0.
 */
export function batchNorm(
  x: Value,
  gamma: Value,
  beta: Value,
  runningMean: Value,
  runningVariance: Value,
  options: BatchNormOptions,
): Value {
  const { epsilon = 1e-5, momentum = 0.1, training, relu = false } = options;
  checkNumber("epsilon", epsilon, Number.MIN_VALUE);
  checkNumber("momentum", momentum, 0, 1);
  const channels = x.shape.at(-1) ?? 0;
  if (x.shape.length < 2 || channels < 1) {
    throw new ShapeError(`batchNorm: wants x of shape [..., C], got ${x.label} ${formatShape(x.shape)}`);
  }
  for (const value of [gamma, beta, runningMean, runningVariance]) {
    if (value.shape.length !== 1 || value.shape[0] !== channels) {
      throw new ShapeError(`batchNorm: wants ${value.label} of shape [${channels}], got ${formatShape(value.shape)}`);
    }
  }
  if (training && x.size < 2 * channels) {
    throw new ShapeError(
      `batchNorm: training wants at least 2 elements of each channel, got ${x.label} ${formatShape(x.shape)}`,
    );
  }
  const attributes = { epsilon, momentum, training, relu };
  return x.graph.apply(batchNormOperation, [x, gamma, beta, runningMean, runningVariance], attributes, x.shape);
}

/**
 * The tensor as wide rows: a whole number of channel groups of at least 64 lanes together, whose number 4 divides (16 if
 * that does not make rows of many channels longer).
 */
function wideRows(x: Value): { count: number; channels: number; width: number } {
  const channels = x.shape.at(-1)!;
  let repeat = 1;
  while ((channels * repeat) % (channels < 64 ? 16 : 4) !== 0) repeat *= 2;
  while (channels * repeat < 64) repeat *= 2;
  return { count: x.size, channels, width: channels * repeat };
}

/** Bytes of `arrays` partial sums for each lane of each chunk. */
function partialBytes(x: Value, arrays: number): number {
  const { count, width } = wideRows(x);
  return 4 * arrays * width * Math.ceil(Math.floor(count / width) / chunkRows);
}

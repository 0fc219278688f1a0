import { checkBoolean, checkNumber, checkOptions, ShapeError } from "../engine/index.js";
import {
  type Buffer,
  checkValues,
  type Emitter,
  formatShape,
  formatValue,
  type Node,
  type Operation,
  type Value,
} from "../graph/index.js";

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
  forward(emit, node) {
    const kept = emitStatistics(emit, node);
    const x = node.inputs[0]!;
    const { table } = kept;
    const y = emit.data(node.output);
    emit.record("batchNormApply", { ...wideRows(x), x: emit.data(x), table, y, relu: node.attributes.relu });
    return kept;
  },
  backward(emit, { inputs: [x, gamma, beta], attributes: { training, relu } }, kept, dy) {
    emit.contribute([x!, gamma!, beta!], ([dx, dgamma, dbeta]) => {
      const partials = emit.scratch(partialBytes(x!, 2, chunkRows), "partial sums");
      const common = { ...wideRows(x!), x: emit.data(x!), dy, table: kept.table, relu };
      emit.record("batchNormBackwardReduce", { ...common, partials, chunkRows });
      const coefficients = emitFinish(emit, { ...common, ...kept, partials, chunkRows, dgamma, dbeta, training });
      if (dx) emit.record("batchNormBackwardApply", { ...common, coefficients, dx });
    });
  },
};

/** Emits the records that make the table which normalises x, from the batch or from the running statistics. */
export function emitStatistics(
  emit: Emitter,
  { inputs, attributes }: Node<BatchNormAttributes, BatchNormKept>,
): BatchNormKept {
  const [x, gamma, beta, runningMean, runningVariance] = inputs;
  const wide = wideRows(x!);
  const { width, channels } = wide;
  const table = emit.scratch(12 * width, "scale and offset");
  const saved = emit.scratch(8 * channels, "deviation");
  const parameters = {
    gamma: emit.data(gamma!),
    beta: emit.data(beta!),
    runningMean: emit.data(runningMean!),
    runningVariance: emit.data(runningVariance!),
    epsilon: attributes.epsilon,
    saved,
  };
  if (attributes.training) {
    const partials = emit.scratch(partialBytes(x!, 3, chunkRows), "partial sums");
    const totals = emit.scratch(16 * width, "sums");
    const common = { ...wide, x: emit.data(x!), partials, chunkRows };
    emit.record("batchNormStatistics", common);
    const { momentum } = attributes;
    emit.record("batchNormFinish", { ...common, ...parameters, table, totals, momentum });
  } else emit.record("batchNormFold", { ...parameters, table, channels, width });
  return { table, saved };
}

export interface BatchNormSums extends BatchNormKept {
  readonly x: Buffer;
  readonly dy: Buffer;
  readonly count: number;
  readonly channels: number;
  readonly width: number;
  readonly relu: boolean;
  readonly partials: Buffer;
  readonly chunkRows: number;
  readonly dgamma: Buffer | undefined;
  readonly dbeta: Buffer | undefined;
  readonly training: boolean;
}

/** Emits the record that turns partial sums into dgamma, dbeta and the coefficients of dx, which it returns. */
export function emitFinish(emit: Emitter, { dgamma, dbeta, training, ...sums }: BatchNormSums): Buffer {
  const coefficients = emit.scratch(12 * sums.width, "coefficients");
  const totals = emit.scratch(16 * sums.width, "sums");
  emit.record("batchNormBackwardFinish", {
    ...{ ...sums, dgamma: dgamma ?? 0, dbeta: dbeta ?? 0, totals, coefficients, frozen: !training },
  });
  return coefficients;
}

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
  checkOptions("batchNorm", options, ["epsilon", "momentum", "training", "relu"]);
  checkValues("batchNorm", x, gamma, beta, runningMean, runningVariance);
  const { epsilon = 1e-5, momentum = 0.1, training, relu = false } = options;
  checkBoolean("batchNorm: training", training);
  checkBoolean("batchNorm: relu", relu);
  checkNumber("epsilon", epsilon, Number.MIN_VALUE);
  checkNumber("momentum", momentum, 0, 1);
  const channels = x.shape.at(-1) ?? 0;
  if (x.shape.length < 2 || channels < 1) {
    throw new ShapeError(`batchNorm: wants x of shape [..., C], got ${formatValue(x)}`);
  }
  for (const value of [gamma, beta, runningMean, runningVariance]) {
    if (value.shape.length !== 1 || value.shape[0] !== channels) {
      throw new ShapeError(`batchNorm: wants ${value.label} of shape [${channels}], got ${formatShape(value.shape)}`);
    }
  }
  if (training && x.size < 2 * channels) {
    throw new ShapeError(`batchNorm: training wants at least 2 elements of each channel, got ${formatValue(x)}`);
  }
  const attributes = { epsilon, momentum, training, relu };
  return x.graph.apply(batchNormOperation, [x, gamma, beta, runningMean, runningVariance], attributes, x.shape);
}

/**
 * The tensor as wide rows: a whole number of channel groups of at least 64 lanes together, whose number 4 divides (16 if
 * that does not make rows of many channels longer).
 */
export function wideRows(x: Value): { count: number; channels: number; width: number } {
  const channels = x.shape.at(-1)!;
  let repeat = 1;
  while ((channels * repeat) % (channels < 64 ? 16 : 4) !== 0) repeat *= 2;
  while (channels * repeat < 64) repeat *= 2;
  return { count: x.size, channels, width: channels * repeat };
}

/** Bytes of `arrays` partial sums for each lane of each chunk of `rows` wide rows. */
export function partialBytes(x: Value, arrays: number, rows: number): number {
  const { count, width } = wideRows(x);
  return 4 * arrays * width * Math.ceil(Math.floor(count / width) / rows);
}

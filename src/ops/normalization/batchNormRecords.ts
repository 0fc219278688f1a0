import { ShapeError } from "../../engine/index.js";
import { type Emitter, formatValue, type Pointer, type Shape, type Value } from "../../graph/index.js";
import { relu } from "../activations/relu.js";
import { channelsOf } from "./channels.js";
import { scaledAndShifted, standardise, standardisedBy } from "./standardise.js";

export interface BatchNormAttributes {
  readonly epsilon: number;
  readonly momentum: number;
  readonly training: boolean;
  /** Whether the output is max(y, 0), computed in the same pass. */
  readonly relu: boolean;
}

export const batchNormDefaults: BatchNormAttributes = { epsilon: 1e-5, momentum: 0.1, training: false, relu: false };

/** Values by the names of a batch norm's inputs. */
export interface BatchNormInputs {
  readonly x: Value;
  readonly gamma: Value;
  readonly beta: Value;
  readonly runningMean: Value;
  readonly runningVariance: Value;
}

/**
 * What a batch norm writes beside y. For the gradient: center, scale and offset of each lane, and of each channel
 * 1/√(variance + ε) and the center's rounding. In training, the new running statistics.
 */
export interface BatchNormKept {
  readonly table: Value;
  readonly saved: Value;
  readonly nextMean: Value;
  readonly nextVariance: Value;
}

export const batchNormInputs = ["x", "gamma", "beta", "runningMean", "runningVariance"] as const;
export const batchNormKept = ["table", "saved", "nextMean", "nextVariance"] as const;
export const batchNormUpdates = { nextMean: "runningMean", nextVariance: "runningVariance" } as const;

/** Wide rows in one chunk of a reduction: bounds the rounding of the variance (see assembly/norm/statistics.ts). */
export const chunkRows = 128;

/** Shapes of what is kept. Throws ShapeError for inputs that do not fit, and a training batch of one element a channel. */
export function keptShapes(inputs: BatchNormInputs, training: boolean): Record<keyof BatchNormKept, Shape> {
  const { x, ...others } = inputs;
  const channels = channelsOf("batchNorm", x, Object.values(others));
  if (training && x.size < 2 * channels) {
    throw new ShapeError(`batchNorm: training wants at least 2 elements of each channel, got ${formatValue(x)}`);
  }
  const table = [3, wideRows(x).width];
  return { table, saved: [2, channels], nextMean: [channels], nextVariance: [channels] };
}

/** The output of a batch norm as a composition of other operations, which defines it. */
export function normalise(
  { x, gamma, beta, runningMean, runningVariance }: BatchNormInputs,
  { epsilon, training, relu: isRelu }: BatchNormAttributes,
): Value {
  const axes = x.shape.slice(1).map((_, axis) => axis);
  const normalised = training
    ? standardise(x, axes, epsilon)
    : standardisedBy(x, runningMean, runningVariance, epsilon);
  const y = scaledAndShifted(normalised, gamma, beta);
  return isRelu ? relu(y) : y;
}

/**
 * Emits the records that make the table which normalises x, from the batch or from the running statistics; returns it. It is
 * read at once, whether or not a gradient reads it later.
 */
export function emitStatistics(
  emit: Emitter,
  { x, gamma, beta, runningMean, runningVariance }: BatchNormInputs,
  { nextMean, nextVariance, ...kept }: BatchNormKept,
  { epsilon, momentum, training }: BatchNormAttributes,
): Pointer {
  const wide = wideRows(x);
  const { width, channels } = wide;
  const table = emit.data(kept.table);
  const parameters = { gamma, beta, epsilon, table, saved: emit.data(kept.saved) };
  if (training) {
    const partials = emit.scratch(partialBytes(x, 3, chunkRows), "partial sums");
    const totals = emit.scratch(16 * width, "sums");
    const common = { ...wide, x, partials, chunkRows };
    emit.record("batchNormStatistics", common);
    // The record reads the running statistics where it writes the next ones.
    const running = { runningMean: nextMean, runningVariance: nextVariance };
    emit.record("batchNormFinish", { ...common, ...parameters, ...running, totals, momentum });
  } else emit.record("batchNormFold", { ...parameters, runningMean, runningVariance, channels, width });
  return table;
}

/** Fields that say what the sums of a batch norm's gradient are taken over. */
export interface BatchNormSums {
  readonly x: Value;
  readonly dy: Value;
  readonly table: Value;
  readonly saved: Value;
  readonly partials: Pointer;
  readonly chunkRows: number;
  readonly relu: boolean;
}

/** Emits the record that turns partial sums into dgamma, dbeta and the coefficients of dx, which it returns. */
export function emitFinish(
  emit: Emitter,
  sums: BatchNormSums,
  gradients: { readonly dgamma: Value; readonly dbeta: Value },
  training: boolean,
): Pointer {
  const wide = wideRows(sums.x);
  const coefficients = emit.scratch(12 * wide.width, "coefficients");
  const totals = emit.scratch(16 * wide.width, "sums");
  emit.record("batchNormBackwardFinish", {
    ...{ ...wide, ...sums, ...gradients, totals, coefficients, frozen: !training },
  });
  return coefficients;
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

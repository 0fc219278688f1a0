import type { Buffer, Operation, Value } from "../graph/index.js";
import {
  type BatchNormAttributes,
  type BatchNormKept,
  emitFinish,
  emitStatistics,
  partialBytes,
  wideRows,
} from "./batchNorm.js";
import type { MaxPool2dAttributes } from "./maxPool2d.js";

interface Kept extends BatchNormKept {
  /** Which position of each window won; absent where no gradient follows. */
  readonly winners: Buffer | undefined;
}

/**
 * Batch normalisation, then max pooling of 2×2 windows side by side, then ReLU if asked, without the tensor between them:
 * made by the fusion rules where `canPool` holds. Inputs are those of batchNorm.
 */
export const batchNormPoolOperation: Operation<BatchNormAttributes, Kept> = {
  name: "batchNormPool",

  forward(emit, node) {
    const { output, inputs, attributes } = node;
    const kept = emitStatistics(emit, node);
    const winners = emit.training ? emit.scratch(output.size, "winners") : undefined;
    const { table } = kept;
    emit.record("batchNormPool", {
      ...wideRows(inputs[0]!),
      ...windows(output),
      x: emit.data(inputs[0]!),
      ...{ table, y: emit.data(output), winners: winners ?? 0, relu: attributes.relu },
    });
    return { ...kept, winners };
  },

  backward(emit, { inputs: [x, gamma, beta], attributes, output }, { table, saved, winners }, dy) {
    emit.contribute([x!, gamma!, beta!], ([dx, dgamma, dbeta]) => {
      const { rowsPerChunk, chunkRows } = chunksOf(x!);
      const wide = { ...wideRows(x!), x: emit.data(x!), dy, table };
      const pooled = { ...wide, ...windows(output), winners: winners! };
      const partials = emit.scratch(partialBytes(x!, 2, chunkRows), "partial sums");
      emit.record("batchNormPoolBackwardReduce", { ...pooled, partials, rowsPerChunk });
      // The ReLU is in the winners already.
      const { training } = attributes;
      const sums = { ...wide, saved, partials, chunkRows, dgamma, dbeta, training, relu: false };
      const coefficients = emitFinish(emit, sums);
      if (dx) emit.record("batchNormPoolBackwardApply", { ...pooled, coefficients, dx });
    });
  },
};

/** Whether the pooling of a normalised x can be joined with the normalisation. */
export function canPool(x: Value, { kernel, stride, padding }: MaxPool2dAttributes): boolean {
  const [batch, height, width, channels] = x.shape;
  if (x.shape.length !== 4 || !batch || !height || !width || !channels) return false;
  const isPairwise = [...kernel, ...stride].every((length) => length === 2) && padding.every((p) => p === 0);
  if (!isPairwise || channels % 4 !== 0 || height % 2 !== 0 || width % 2 !== 0) return false;
  const { count, width: lanes } = wideRows(x);
  return count % lanes === 0 && chunksOf(x).rowsPerChunk <= longestChunk;
}

function windows(output: Value): { rows: number; columns: number } {
  const [batch, height, width] = output.shape as [number, number, number, number];
  return { rows: batch * height, columns: width };
}

const longestChunk = 64;
/** Rows of windows in a chunk of the reduction, more only where wide rows demand it. */
const usualChunk = 8;

/** A chunk of the reduction as rows of windows and as wide rows of x, a whole number of both. */
function chunksOf(x: Value): { rowsPerChunk: number; chunkRows: number } {
  const [, , width, channels] = x.shape as [number, number, number, number];
  const lanes = wideRows(x).width;
  const rowFloats = 2 * width * channels;
  let rowsPerChunk = usualChunk;
  while ((rowsPerChunk * rowFloats) % lanes !== 0) rowsPerChunk += usualChunk;
  return { rowsPerChunk, chunkRows: (rowsPerChunk * rowFloats) / lanes };
}

import { define, gradientsOf, type Value } from "../../graph/index.js";
import {
  batchNormDefaults,
  batchNormInputs,
  batchNormKept,
  batchNormUpdates,
  emitFinish,
  emitStatistics,
  keptShapes,
  normalise,
  partialBytes,
  wideRows,
} from "./batchNormRecords.js";
import { maxPoolBackward, type MaxPoolAttributes } from "../pooling/maxPool.js";

/** Windows of 2×2 side by side. */
const pairs = {
  kernelSize: [2, 2],
  stride: [2, 2],
  padding: [0, 0],
  relu: false,
} as const;

export const batchNormPoolBackwardOperation = /* @__PURE__ */ define({
  name: "batchNormPoolBackward",
  inputs: ["dy", "table", "saved", "winners", ...batchNormInputs],
  outputs: ["dx?", "dgamma?", "dbeta?"],
  forGradient: ["gamma", "beta", "runningMean", "runningVariance"],
  otherTypes: ["winners"],
  attributes: batchNormDefaults,
  shape: ({ x, gamma }) => ({ dx: x.shape, dgamma: gamma.shape, dbeta: gamma.shape }),
  compose({ dy, winners, ...inputs }, attributes) {
    const { x, gamma, beta } = inputs;
    const upstream = maxPoolBackward(winners, dy, { ...pairs, count: [dy.shape[1]!, dy.shape[2]!], xShape: x.shape });
    // The ReLU is in the winners already.
    const normalised = (): Value => normalise(inputs, { ...attributes, relu: false });
    const [dx, dgamma, dbeta] = gradientsOf(normalised, [x, gamma, beta], upstream);
    return { dx, dgamma, dbeta };
  },
  lower(emit, { inputs: { x, dy, table, saved, winners }, outputs: { dx, dgamma, dbeta }, attributes: { training } }) {
    const { rowsPerChunk, chunkRows } = chunksOf(x);
    const pooled = { ...wideRows(x), x, dy, table, ...windows(dy), winners };
    const partials = emit.scratch(partialBytes(x, 2, chunkRows), "partial sums");
    emit.record("batchNormPoolBackwardReduce", { ...pooled, partials, rowsPerChunk });
    // The ReLU is in the winners already.
    const sums = { x, dy, table, saved, partials, chunkRows, relu: false };
    const coefficients = emitFinish(emit, sums, { dgamma, dbeta }, training);
    if (emit.isRead(dx)) emit.record("batchNormPoolBackwardApply", { ...pooled, coefficients, dx });
  },
});

/**
 * Batch normalisation, then max pooling of 2×2 windows side by side, then ReLU if asked, without the tensor between them:
 * made by a fusion rule where `canPool` holds. Inputs are those of batchNorm. Keeps which position of each window won, too.
 */
export const batchNormPoolOperation = /* @__PURE__ */ define({
  name: "batchNormPool",
  inputs: batchNormInputs,
  kept: [...batchNormKept, "winners"],
  updates: batchNormUpdates,
  attributes: batchNormDefaults,
  shape(inputs, { training }) {
    const [batch, height, width, channels] = inputs.x.shape as [number, number, number, number];
    const y = [batch, height / 2, width / 2, channels];
    return { y, ...keptShapes(inputs, training), winners: { shape: y, dataType: "u8" } };
  },
  lower(emit, { inputs, outputs, attributes }) {
    const { x } = inputs;
    const { y, winners } = outputs;
    const table = emitStatistics(emit, inputs, outputs, attributes);
    emit.record("batchNormPool", { ...wideRows(x), ...windows(y), x, table, y, winners, relu: attributes.relu });
  },
  gradient({ inputs, outputs: { table, saved, winners }, upstreams: { y: dy }, attributes }) {
    const given = { ...inputs, dy, table, saved, winners };
    const { dx, dgamma, dbeta } = batchNormPoolBackwardOperation.apply(given, attributes);
    return { x: dx, gamma: dgamma, beta: dbeta };
  },
});

/** Whether the pooling of a normalised x can be joined with the normalisation. */
export function canPool(x: Value, { kernelSize, stride, padding }: MaxPoolAttributes): boolean {
  const [batch, height, width, channels] = x.shape;
  if (x.shape.length !== 4 || !batch || !height || !width || !channels) return false;
  const isPairwise = [...kernelSize, ...stride].every((length) => length === 2) && padding.every((p) => p === 0);
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

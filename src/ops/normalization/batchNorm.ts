import { flag, numberFrom, optional } from "../../engine/index.js";
import { checkValues, define, gradientsOf, type Rule, type Value } from "../../graph/index.js";
import { batchNormPoolOperation, canPool } from "./batchNormPool.js";
import {
  batchNormDefaults,
  type BatchNormInputs,
  batchNormInputs,
  batchNormKept,
  batchNormUpdates,
  chunkRows,
  emitFinish,
  emitStatistics,
  keptShapes,
  normalise,
  partialBytes,
  wideRows,
} from "./batchNormRecords.js";
import { checkRunning } from "./channels.js";
import { add } from "../elementwise/add.js";
import { divide } from "../elementwise/divide.js";
import { subtract } from "../elementwise/subtract.js";
import { maxPoolOperation } from "../pooling/maxPool.js";
import { reluEpilogue } from "../activations/reluEpilogue.js";
import { reshape } from "../structure/reshape.js";

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

export const batchNormBackwardOperation = /* @__PURE__ */ define({
  name: "batchNormBackward",
  inputs: ["dy", "table", "saved", ...batchNormInputs],
  outputs: ["dx?", "dgamma?", "dbeta?"],
  forGradient: ["gamma", "beta", "runningMean", "runningVariance"],
  attributes: batchNormDefaults,
  shape: ({ x, gamma }) => ({ dx: x.shape, dgamma: gamma.shape, dbeta: gamma.shape }),
  compose({ dy, ...inputs }, attributes) {
    const { x, gamma, beta } = inputs;
    const [dx, dgamma, dbeta] = gradientsOf(() => normalise(inputs, attributes), [x, gamma, beta], dy);
    return { dx, dgamma, dbeta };
  },
  lower(emit, { inputs: { x, dy, table, saved }, outputs: { dx, dgamma, dbeta }, attributes: { training, relu } }) {
    const partials = emit.scratch(partialBytes(x, 2, chunkRows), "partial sums");
    const common = { ...wideRows(x), x, dy, table, relu };
    emit.record("batchNormBackwardReduce", { ...common, partials, chunkRows });
    const sums = { x, dy, table, saved, partials, chunkRows, relu };
    const coefficients = emitFinish(emit, sums, { dgamma, dbeta }, training);
    if (emit.isRead(dx)) emit.record("batchNormBackwardApply", { ...common, coefficients, dx });
  },
});

/**
 * In evaluation a batch norm is a factor and a summand for each channel, which the layer before it takes up if both are fixed.
 * The factor of its weight, and what becomes of its bias, is that same batch norm of them.
 */
const foldIntoLayer: Rule = {
  name: "batch norm into the layer before it",
  phase: 0,
  isForInference: true,
  rewrite(node, { onlyProducerOf, isFixed }) {
    if (!batchNormOperation.made(node) || node.attributes.training) return undefined;
    const { x, ...statistics } = node.inputs;
    const layer = onlyProducerOf(x);
    const attributes = layer?.attributes as { readonly relu: boolean } | undefined;
    if (!layer?.operation.isAffine || attributes?.relu) return undefined;
    const channels = statistics.gamma.size;
    const zeros = x.graph.constant([channels], 0, "zeros");
    const { weight, bias = zeros } = layer.inputs;
    if (![weight, bias, ...Object.values(statistics)].every(isFixed)) return undefined;
    const { relu, ...settings } = node.attributes;
    const normalised = (x: Value, given: Omit<BatchNormInputs, "x">): Value =>
      batchNormOperation.apply({ x, ...given }, settings).y;
    let inputs = layer.inputs;
    const makes = x.graph.collect(node.source, () => {
      const scaled = normalised(weight!, { ...statistics, beta: zeros, runningMean: zeros });
      const shifted = reshape(normalised(reshape(bias, [1, channels]), statistics), [channels]);
      inputs = { ...inputs, weight: scaled, bias: shifted };
    });
    return {
      ...{ operation: layer.operation, inputs, makes },
      ...{ attributes: { ...attributes, relu }, outputs: { ...layer.outputs, y: node.outputs.y }, absorbs: [layer] },
    };
  },
};

/** Pooling takes its windows from values that are normalised on the way. */
const poolWhatIsNormalised: Rule = {
  name: "pooling after batch norm",
  phase: 1,
  rewrite(node, { onlyProducerOf }) {
    if (!maxPoolOperation.made(node)) return undefined;
    const norm = onlyProducerOf(node.inputs.x);
    if (!batchNormOperation.made(norm) || norm.attributes.relu || !canPool(norm.inputs.x, node.attributes))
      return undefined;
    const { nextMean, nextVariance } = norm.outputs;
    return {
      operation: batchNormPoolOperation,
      inputs: norm.inputs,
      attributes: { ...norm.attributes, relu: node.attributes.relu },
      outputs: { y: node.outputs.y, nextMean, nextVariance },
      absorbs: [norm],
    };
  },
};

export const batchNormOperation = /* @__PURE__ */ define({
  name: "batchNorm",
  inputs: batchNormInputs,
  kept: batchNormKept,
  updates: batchNormUpdates,
  attributes: batchNormDefaults,
  options: () => ({
    training: flag,
    epsilon: optional(numberFrom(Number.MIN_VALUE), batchNormDefaults.epsilon),
    momentum: optional(numberFrom(0, 1), batchNormDefaults.momentum),
    relu: optional(flag, batchNormDefaults.relu),
  }),
  shape: (inputs, { training }) => ({ y: inputs.x.shape, ...keptShapes(inputs, training) }),
  lower(emit, { inputs, outputs, attributes }) {
    const { x } = inputs;
    const table = emitStatistics(emit, inputs, outputs, attributes);
    emit.record("batchNormApply", { ...wideRows(x), x, table, y: outputs.y, relu: attributes.relu });
  },
  compose: (inputs, attributes) => ({ y: normalise(inputs, attributes) }),
  gradient({ inputs, outputs: { table, saved }, upstreams: { y: dy }, attributes }) {
    const { dx, dgamma, dbeta } = batchNormBackwardOperation.apply({ ...inputs, dy, table, saved }, attributes);
    return { x: dx, gamma: dgamma, beta: dbeta };
  },
  rules: [foldIntoLayer, poolWhatIsNormalised, reluEpilogue],
});

/**
 * (x − mean)/√(variance + ε)·gamma + beta for each channel, the last axis: x [..., C], the others [C] → [..., C]. In training
 * mean and biased variance are those of the batch, and the running statistics, if given, which must have memory of their own
 * (graph.state), move towards them (with the unbiased variance, as PyTorch's do). Without gamma and beta nothing is scaled or
 * shifted. Gradients: docs/derivations.md.
 * @throws ShapeError for shapes that do not fit and for a training batch of a single element a channel
 * @throws ArgumentError for ε ≤ 0, and without running statistics in evaluation
 */
export function batchNorm(
  x: Value,
  gamma: Value | undefined,
  beta: Value | undefined,
  runningMean: Value | undefined,
  runningVariance: Value | undefined,
  options: BatchNormOptions,
): Value {
  const inputs = withDefaults({ x, gamma, beta, runningMean, runningVariance });
  const { y, nextMean, nextVariance } = batchNormOperation.call(inputs, options);
  checkRunning("batchNorm", runningMean, runningVariance, options.training);
  if (options.training && runningMean && runningVariance) {
    x.graph.assign(runningMean, nextMean);
    x.graph.assign(runningVariance, nextVariance);
  }
  return y;
}

type Given = { readonly x: Value } & { readonly [Name in keyof BatchNormInputs]?: Value | undefined };

/** Constants in the place of what was left out, which change nothing. */
function withDefaults(given: Given): BatchNormInputs {
  const { x } = given;
  checkValues("batchNorm", x);
  const or = (name: keyof BatchNormInputs, number: number): Value =>
    given[name] === undefined ? x.graph.constant(x.shape.slice(-1), number, String(number)) : given[name];
  return {
    x,
    gamma: or("gamma", 1),
    beta: or("beta", 0),
    runningMean: or("runningMean", 0),
    runningVariance: or("runningVariance", 1),
  };
}

/**
 * A batch norm in training whose running statistics are the means of those of all batches, which `batches` [] counts. All three must
 * have memory of their own.
 */
export function cumulativeBatchNorm(
  given: Given,
  running: readonly [mean: Value, variance: Value],
  batches: Value,
  epsilon: number,
): Value {
  const { graph } = batches;
  // Of weight 1, they are the batch's own.
  const options = { epsilon, momentum: 1, training: true };
  const { y, nextMean, nextVariance } = batchNormOperation.call(withDefaults(given), options);
  const count = add(batches, 1);
  [nextMean, nextVariance].forEach((next, i) => {
    graph.assign(running[i]!, add(running[i]!, divide(subtract(next, running[i]!), count)));
  });
  graph.assign(batches, count);
  return y;
}

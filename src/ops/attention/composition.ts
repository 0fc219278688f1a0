import type { Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { equal, greaterEqual } from "../elementwise/comparisons.js";
import { scale } from "../elementwise/scale.js";
import { where } from "../elementwise/where.js";
import { matmul } from "../products/matmul.js";
import { max } from "../reductions/maxAndMin.js";
import { dropoutOperation } from "../regularization/dropout.js";
import { reshape } from "../structure/reshape.js";
import { softmax } from "../activations/softmax.js";
import type { AttentionAttributes, AttentionInputs } from "./shapes.js";

/**
 * Attention in other operations, with memory for all probabilities. A row that is masked out wholly has no largest score: softmax sees
 * zeros instead, and its result is not used.
 */
export function attend(inputs: AttentionInputs, attributes: AttentionAttributes): Value {
  const { p, dropScale: scale, stream } = attributes;
  const probabilities = probabilitiesOf(inputs, attributes);
  return matmul(
    p > 0 ? dropoutOperation.apply({ x: probabilities }, { p, scale, stream }).y : probabilities,
    inputs.value,
  );
}

function probabilitiesOf({ query, key, mask }: AttentionInputs, attributes: AttentionAttributes): Value {
  const { graph } = query;
  let scores = scale(matmul(query, key, { transposeB: true }), attributes.scale);
  const [queries, keys] = scores.shape.slice(-2) as [number, number];
  if (mask) scores = mask.dataType === "bool" ? where(mask, scores, -Infinity) : add(scores, mask);
  if (attributes.isCausal) {
    const isPast = greaterEqual(reshape(graph.iota(queries), [queries, 1]), graph.iota(keys));
    scores = where(isPast, scores, -Infinity);
  }
  if (keys === 0) return scores;
  const isMasked = equal(max(scores, { axes: -1, keepDims: true }), -Infinity);
  return where(isMasked, 0, softmax(where(isMasked, 0, scores)));
}

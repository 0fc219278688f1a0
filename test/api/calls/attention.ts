import { Graph, type Value } from "../../../src/graph/index.js";
import { nn, ops } from "../../../src/index.js";
import type { Calls } from "../call.js";

/** Queries, keys and values of one graph, and options with a mask. */
function attended(): unknown[] {
  const graph = new Graph();
  const values = ["query", "key", "value"].map((name): Value => graph.input([2, 3], name));
  const mask = graph.input([2, 2], "mask");
  return [...values, { mask, isCausal: true, dropout: 0.1, scale: 0.5 }];
}

const layer = { numHeads: 2, dimFeedforward: 4, dropout: 0, activation: "gelu", epsilon: 1e-5 } as const;
const flags = { normFirst: true, bias: false, isCausal: true };

/** Right calls of attention and the layers of transformers. */
export const calls: Calls = {
  "ops.scaledDotProductAttention": { run: ops.scaledDotProductAttention, values: attended },
  "ops.rotaryEmbedding": {
    run: ops.rotaryEmbedding,
    values: () => [new Graph().input([3, 4], "x"), { theta: 100, offset: 2, interleaved: true }],
  },
  "nn.multiHeadAttention": {
    run: nn.multiHeadAttention,
    values: () => [{ numHeads: 2, embedDim: 4, kdim: 3, vdim: 5, bias: true, dropout: 0.1, isCausal: false }],
  },
  "nn.sinusoidalPositions": { run: nn.sinusoidalPositions, values: () => [{ theta: 100 }] },
  "nn.learnedPositions": {
    run: nn.learnedPositions,
    values: () => [{ maxLength: 5, initializer: nn.initializers.zeros }],
  },
  "nn.transformerEncoderLayer": { run: nn.transformerEncoderLayer, values: () => [{ ...layer, ...flags }] },
  "nn.transformerDecoderLayer": { run: nn.transformerDecoderLayer, values: () => [{ ...layer, ...flags }] },
  "nn.transformerEncoder": {
    run: nn.transformerEncoder,
    values: () => [{ ...layer, ...flags, numLayers: 2, norm: true }],
  },
  "nn.transformerDecoder": {
    run: nn.transformerDecoder,
    values: () => [{ ...layer, ...flags, numLayers: 2, norm: true }],
  },
};

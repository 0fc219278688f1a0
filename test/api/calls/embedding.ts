import { Graph, type Value } from "../../../src/graph/index.js";
import { nn, ops } from "../../../src/index.js";
import type { Calls } from "../call.js";

/** int32 indices [3], a table [4, 2], offsets [1] and weights [3] of one graph. */
function lookUp(): readonly Value[] {
  const graph = new Graph();
  const [indices, offsets] = [graph.input([3], "indices", "i32"), graph.input([1], "offsets", "i32")];
  return [indices, graph.input([4, 2], "table"), offsets, graph.input([3], "weights")];
}

const table = { numEmbeddings: 4, embeddingDim: 2, paddingIndex: 0, initializer: nn.initializers.ones };

/** Right calls of what looks rows up. */
export const calls: Calls = {
  "ops.embedding": { run: ops.embedding, values: () => [...lookUp().slice(0, 2), { paddingIndex: 1 }] },
  "ops.embeddingBag": {
    run: ops.embeddingBag,
    values: () => [...lookUp(), { mode: "sum", paddingIndex: 1, includeLastOffset: false }],
  },
  "nn.embedding": { run: nn.embedding, values: () => [table] },
  "nn.embeddingBag": { run: nn.embeddingBag, values: () => [{ ...table, mode: "sum", includeLastOffset: true }] },
  "nn.tiedLinear": { run: nn.tiedLinear, values: () => [nn.embedding(table), { bias: true }], objects: ["0"] },
};

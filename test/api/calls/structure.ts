import { Graph, type Value } from "../../../src/graph/index.js";
import { ops } from "../../../src/index.js";
import type { Calls } from "../call.js";

const value = (...shape: number[]): Value => new Graph().input(shape, "x");

/** Values of one graph: x [2, 3], int32 indices [2, 1], and a source of the same shape. */
function indexed(): Value[] {
  const graph = new Graph();
  return [graph.input([2, 3], "x"), graph.input([2, 1], "indices", "i32"), graph.input([2, 1], "source")];
}

/** Two values of one graph. */
function pair(): Value[] {
  const graph = new Graph();
  return [graph.input([2, 3], "a"), graph.input([2, 3], "b")];
}

/** Two matrices of one graph. */
function matrices(): Value[] {
  const graph = new Graph();
  return [graph.input([2, 3], "a"), graph.input([3, 4], "b")];
}

/** Right calls of operations that move elements. */
export const calls: Calls = {
  "ops.argsort": { run: ops.argsort, values: () => [value(2, 3), { axis: 1, descending: true }] },
  "ops.sort": { run: ops.sort, values: () => [value(2, 3), { axis: 1, descending: true }] },
  "ops.topK": { run: ops.topK, values: () => [value(2, 3), 2, { axis: 1, largest: true, sorted: true }] },
  "ops.oneHot": { run: ops.oneHot, values: () => [new Graph().input([3], "x", "i32"), 4] },
  "ops.roll": { run: ops.roll, values: () => [value(2, 3), [1], [0]] },
  "ops.tril": { run: ops.tril, values: () => [value(2, 3), 1] },
  "ops.triu": { run: ops.triu, values: () => [value(2, 3), 1] },
  "ops.repeat": { run: ops.repeat, values: () => [value(2, 3), [2, 1]] },
  "ops.repeatInterleave": { run: ops.repeatInterleave, values: () => [value(2, 3), 2, 1] },
  "ops.einsum": { run: ops.einsum, values: () => ["ij,jk->ik", ...matrices()] },
  "ops.cosineSimilarity": { run: ops.cosineSimilarity, values: () => [...pair(), { axis: 1, epsilon: 1e-8 }] },
  "ops.pairwiseDistance": {
    run: ops.pairwiseDistance,
    values: () => [...pair(), { p: 2, epsilon: 1e-6, keepDims: true }],
  },
  "ops.chunk": { run: ops.chunk, values: () => [value(4, 2), 2, 0] },
  "ops.concat": { run: ops.concat, values: () => [pair(), 1] },
  "ops.cumulativeSum": { run: ops.cumulativeSum, values: () => [value(2, 3), { axis: 1, reverse: true }] },
  "ops.expand": { run: ops.expand, values: () => [value(1, 3), [2, 3]] },
  "ops.flip": { run: ops.flip, values: () => [value(2, 3), [0]] },
  "ops.gather": { run: ops.gather, values: () => [...indexed().slice(0, 2), 1] },
  "ops.pad": { run: ops.pad, values: () => [value(2, 3), { padding: [[1, 0], 2], mode: "constant", value: 1 }] },
  "ops.permute": { run: ops.permute, values: () => [value(2, 3), [1, 0]] },
  "ops.scatterAdd": { run: ops.scatterAdd, values: () => [...indexed(), 1] },
  "ops.slice": { run: ops.slice, values: () => [value(2, 3), [null, [0, 2]]] },
  "ops.split": { run: ops.split, values: () => [value(4, 2), [1, 3], 0] },
  "ops.squeeze": { run: ops.squeeze, values: () => [value(2, 1), [1]] },
  "ops.stack": { run: ops.stack, values: () => [pair(), 1] },
  "ops.stopGradient": { run: ops.stopGradient, values: () => [value(2, 3)] },
  "ops.take": { run: ops.take, values: () => [...indexed().slice(0, 2), 1] },
  "ops.tile": { run: ops.tile, values: () => [value(2, 3), [2, 1]] },
  "ops.transpose": { run: ops.transpose, values: () => [value(2, 3), 0, 1] },
  "ops.unsqueeze": { run: ops.unsqueeze, values: () => [value(2, 3), 1] },
};

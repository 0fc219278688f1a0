import { Graph, type Value } from "../../../src/graph/index.js";
import { nn, ops } from "../../../src/index.js";
import type { Calls } from "../call.js";

/** Values of one graph: x [1, 2, 3], parameters of two hidden units with so many gates, states, and lengths. */
function inputs(gates: number, states: number): Value[] {
  const graph = new Graph();
  const shapes = [[1, 2, 3], [3, 2 * gates], [2, 2 * gates], [2 * gates], [2 * gates]];
  const values = [...shapes, ...Array.from({ length: states }, () => [1, 2])].map((shape) => graph.input(shape, "x"));
  return [...values, graph.input([1], "lengths", "i32")];
}

const options = () => ({
  ...{ hiddenSize: 2, numLayers: 1, bidirectional: true, bias: true, dropout: 0.5, returnSequences: true },
  ...{ initializer: nn.initializers.zeros, biasInitializer: nn.initializers.zeros },
});

export const calls: Calls = {
  "ops.rnn": { run: ops.rnn, values: () => [...inputs(1, 1), { reverse: true, nonlinearity: "relu" }] },
  "ops.gru": { run: ops.gru, values: () => [...inputs(3, 1), { reverse: true }] },
  "ops.lstm": { run: ops.lstm, values: () => [...inputs(4, 2), { reverse: true }] },
  "nn.rnn": { run: nn.rnn, values: () => [{ ...options(), nonlinearity: "relu" }] },
  "nn.gru": { run: nn.gru, values: () => [options()] },
  "nn.lstm": { run: nn.lstm, values: () => [options()] },
};

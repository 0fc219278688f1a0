import { Graph, type Value } from "../../../src/graph/index.js";
import { nn, ops } from "../../../src/index.js";
import type { Calls } from "../call.js";

const value = (): Value => new Graph().input([2, 4], "x");

/** Activations by their names, with all their options: each is an operation and a layer. */
const activations = {
  gelu: { approximate: "tanh" },
  softmax: { axis: 0 },
  softmin: { axis: 0 },
  logSoftmax: { axis: 0 },
} as const;

const callsOf = (name: keyof typeof activations): Calls => {
  const options = activations[name];
  return {
    [`ops.${name}`]: { run: ops[name], values: () => [value(), { ...options }] },
    [`nn.${name}`]: { run: nn[name], values: () => [{ ...options }] },
  };
};

export const calls: Calls = Object.assign(
  {},
  ...(Object.keys(activations) as (keyof typeof activations)[]).map(callsOf),
) as Calls;

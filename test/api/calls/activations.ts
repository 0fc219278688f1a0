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
  glu: { axis: 0 },
  swiglu: { axis: 0 },
  geglu: { axis: 0 },
  reglu: { axis: 0 },
  leakyRelu: { negativeSlope: 0.1 },
  hardtanh: { minVal: -1, maxVal: 1 },
  hardshrink: { lambda: 1 },
  softshrink: { lambda: 1 },
  threshold: { threshold: 1, value: 2 },
  elu: { alpha: 1 },
  celu: { alpha: 1 },
  softplus: { beta: 1, threshold: 20 },
} as const;

/** Those that have none. */
const plain = [
  ...(["relu6", "hardsigmoid", "hardswish", "selu", "silu", "mish", "logSigmoid", "softsign", "tanhshrink"] as const),
  ...(["relu", "sigmoid", "tanh"] as const),
];

const callsOf = (name: keyof typeof activations): Calls => {
  const options = activations[name];
  return {
    [`ops.${name}`]: { run: ops[name], values: () => [value(), { ...options }] },
    [`nn.${name}`]: { run: nn[name], values: () => [{ ...options }] },
  };
};

export const calls: Calls = Object.assign(
  {
    "ops.prelu": {
      run: ops.prelu,
      values: () => {
        const x = value();
        return [x, x.graph.input([4], "weight")];
      },
    },
    "nn.prelu": { run: nn.prelu, values: () => [{ numParameters: 1, init: 0.1 }] },
  },
  ...plain.map((name) => ({
    [`ops.${name}`]: { run: ops[name], values: () => [value()] },
    [`nn.${name}`]: { run: nn[name], values: () => [{}] },
  })),
  ...(Object.keys(activations) as (keyof typeof activations)[]).map(callsOf),
) as Calls;

import { Graph, type Shape, type Value } from "../../../src/graph/index.js";
import { nn, ops } from "../../../src/index.js";
import type { Calls } from "../call.js";

/** Values of one graph. */
function values(...shapes: readonly Shape[]): readonly Value[] {
  const graph = new Graph();
  return shapes.map((shape, i) => graph.input(shape, `value ${i}`));
}

const running = { epsilon: 1e-5, momentum: 0.1, affine: true, trackRunningStatistics: true };
const layer = (): nn.Layer => nn.linear({ outFeatures: 2 });

/** Right calls of normalisations, and of wrappers that normalise weights. */
export const calls: Calls = {
  "ops.batchNorm": {
    run: ops.batchNorm,
    values: () => [
      ...values([2, 3], [3], [3], [3], [3]),
      { training: false, epsilon: 1e-5, momentum: 0.1, relu: true },
    ],
  },
  "ops.groupNorm": {
    run: ops.groupNorm,
    values: () => [...values([2, 3, 4], [4], [4]), { numGroups: 2, epsilon: 1e-5 }],
  },
  "ops.instanceNorm": {
    run: ops.instanceNorm,
    values: () => [...values([2, 3, 4], [4], [4], [4], [4]), { training: false, momentum: 0.1, epsilon: 1e-5 }],
  },
  "ops.layerNorm": {
    run: ops.layerNorm,
    values: () => [...values([2, 3], [3], [3]), { normalizedShape: [3], epsilon: 1e-5 }],
  },
  "ops.localResponseNorm": {
    run: ops.localResponseNorm,
    values: () => [...values([2, 3]), { size: 2, alpha: 1e-4, beta: 0.75, k: 1 }],
  },
  "ops.rmsNorm": {
    run: ops.rmsNorm,
    values: () => [...values([2, 3], [3]), { normalizedShape: 3, epsilon: 1e-5 }],
  },
  "nn.batchNorm": { run: nn.batchNorm, values: () => [running] },
  "nn.groupNorm": { run: nn.groupNorm, values: () => [{ numGroups: 2, epsilon: 1e-5, affine: true }] },
  "nn.instanceNorm": { run: nn.instanceNorm, values: () => [running] },
  "nn.layerNorm": {
    run: nn.layerNorm,
    values: () => [{ normalizedShape: 3, epsilon: 1e-5, elementwiseAffine: true, bias: false }],
  },
  "nn.localResponseNorm": {
    run: nn.localResponseNorm,
    values: () => [{ size: 2, alpha: 1e-4, beta: 0.75, k: 1 }],
  },
  "nn.rmsNorm": { run: nn.rmsNorm, values: () => [{ normalizedShape: 3, epsilon: 1e-5, elementwiseAffine: true }] },
  "nn.spectralNorm": {
    run: nn.spectralNorm,
    values: () => [layer(), { name: "weight", powerIterations: 1, epsilon: 1e-12, axis: -1 }],
    objects: ["0"],
  },
  "nn.weightNorm": {
    run: nn.weightNorm,
    values: () => [layer(), { name: "weight", axis: -1 }],
    objects: ["0"],
  },
};

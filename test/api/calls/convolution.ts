import { Graph, type Value } from "../../../src/graph/index.js";
import { nn, ops } from "../../../src/index.js";
import type { Calls } from "../call.js";

/** Values of one graph. */
function values(...shapes: readonly number[][]): Value[] {
  const graph = new Graph();
  return shapes.map((shape, i) => graph.input(shape, `value ${i}`, "f32", true));
}

const common = { stride: 1, padding: 1, dilation: 1 };
const options = { ...common, groups: 1, relu: true };
const transposed = { ...common, groups: 1, outputPadding: 0 };
const layer = { kernelSize: 3, bias: true, initializer: nn.initializers.zeros, biasInitializer: nn.initializers.ones };
const channels = { outChannels: 2, groups: 1 };

/** Right calls of convolutions. */
export const calls: Calls = {
  "ops.conv1d": { run: ops.conv1d, values: () => [...values([1, 4, 2], [3, 2, 2], [2]), options] },
  "ops.conv2d": { run: ops.conv2d, values: () => [...values([1, 4, 4, 2], [3, 3, 2, 2], [2]), options] },
  "ops.conv3d": { run: ops.conv3d, values: () => [...values([1, 2, 4, 4, 2], [3, 3, 3, 2, 2], [2]), options] },
  "ops.convTranspose1d": {
    run: ops.convTranspose1d,
    values: () => [...values([1, 4, 2], [3, 2, 2], [2]), transposed],
  },
  "ops.convTranspose2d": {
    run: ops.convTranspose2d,
    values: () => [...values([1, 4, 4, 2], [3, 3, 2, 2], [2]), transposed],
  },
  "ops.convTranspose3d": {
    run: ops.convTranspose3d,
    values: () => [...values([1, 2, 4, 4, 2], [3, 3, 3, 2, 2], [2]), transposed],
  },
  "ops.depthwiseConv2d": {
    run: ops.depthwiseConv2d,
    values: () => [...values([1, 4, 4, 2], [3, 3, 2], [2]), { ...common, relu: true }],
  },
  "nn.conv1d": { run: nn.conv1d, values: () => [{ ...channels, ...common, ...layer }] },
  "nn.conv2d": { run: nn.conv2d, values: () => [{ ...channels, ...common, ...layer }] },
  "nn.conv3d": { run: nn.conv3d, values: () => [{ ...channels, ...common, ...layer }] },
  "nn.convTranspose1d": { run: nn.convTranspose1d, values: () => [{ ...channels, ...transposed, ...layer }] },
  "nn.convTranspose2d": { run: nn.convTranspose2d, values: () => [{ ...channels, ...transposed, ...layer }] },
  "nn.convTranspose3d": { run: nn.convTranspose3d, values: () => [{ ...channels, ...transposed, ...layer }] },
  "nn.depthwiseConv2d": { run: nn.depthwiseConv2d, values: () => [{ ...common, ...layer }] },
};

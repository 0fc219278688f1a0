import { describe, expect, it } from "vitest";
import { ArgumentError, createEngine, nn, type Shape, ShapeError } from "../../src/index.js";

interface Case {
  readonly layer: nn.Layer;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly weight: Shape;
  readonly fanIn: number;
}

// Fan-in is what PyTorch takes: of the weight (out, in / groups, k…), and of transposed ones (in, out / groups, k…), the second axis
// times the kernel.
const cases: Readonly<Record<string, Case>> = {
  conv1d: {
    layer: nn.conv1d({ outChannels: 40, kernelSize: 5, padding: "causal", dilation: 2 }),
    ...{ inputShape: [9, 12], outputShape: [9, 40], weight: [5, 12, 40], fanIn: 60 },
  },
  "conv2d in groups": {
    layer: nn.conv2d({ outChannels: 120, kernelSize: [3, 2], groups: 4, stride: 2 }),
    ...{ inputShape: [7, 8, 16], outputShape: [3, 4, 120], weight: [3, 2, 4, 120], fanIn: 24 },
  },
  "conv2d in as many groups as channels": {
    layer: nn.conv2d({ outChannels: 128, kernelSize: 3, groups: 64, padding: "same" }),
    ...{ inputShape: [5, 4, 64], outputShape: [5, 4, 128], weight: [3, 3, 1, 128], fanIn: 9 },
  },
  conv3d: {
    layer: nn.conv3d({ outChannels: 64, kernelSize: [1, 2, 3], padding: [0, 1, 0] }),
    ...{ inputShape: [2, 3, 4, 5], outputShape: [2, 4, 2, 64], weight: [1, 2, 3, 5, 64], fanIn: 30 },
  },
  depthwiseConv2d: {
    layer: nn.depthwiseConv2d({ kernelSize: 3 }),
    ...{ inputShape: [5, 4, 128], outputShape: [3, 2, 128], weight: [3, 3, 128], fanIn: 9 },
  },
  convTranspose1d: {
    layer: nn.convTranspose1d({ outChannels: 12, kernelSize: 4, stride: 3, outputPadding: 2 }),
    ...{ inputShape: [5, 32], outputShape: [18, 12], weight: [4, 12, 32], fanIn: 48 },
  },
  "convTranspose2d in groups": {
    layer: nn.convTranspose2d({ outChannels: 48, kernelSize: 3, stride: 2, padding: "same", groups: 4 }),
    ...{ inputShape: [3, 4, 16], outputShape: [6, 8, 48], weight: [3, 3, 12, 16], fanIn: 108 },
  },
  convTranspose3d: {
    layer: nn.convTranspose3d({ outChannels: 6, kernelSize: 2, stride: [2, 1, 1], padding: [1, 0, 0] }),
    ...{ inputShape: [2, 3, 3, 40], outputShape: [2, 4, 4, 6], weight: [2, 2, 2, 6, 40], fanIn: 48 },
  },
};

describe.each(Object.entries(cases))("nn.%s", async (_, { layer, inputShape, outputShape, weight, fanIn }) => {
  const engine = await createEngine({ threads: 1, seed: 3 });

  it("has the shapes that its description says, and PyTorch's bound 1/√fan-in for weight and bias", () => {
    const model = nn.sequential(layer).build(engine, { inputShape });
    expect(model.outputShape).toEqual(outputShape);
    const [kernels, bias] = [model.state().get("0.weight")!, model.state().get("0.bias")!];
    expect(kernels.shape).toEqual(weight);
    expect(bias.shape).toEqual(outputShape.slice(-1));
    const bound = Math.fround(1 / Math.sqrt(fanIn));
    for (const { data } of [kernels, bias]) {
      const largest = Math.max(...Array.from(data as ArrayLike<number>, Math.abs));
      expect(largest).toBeLessThanOrEqual(bound);
      expect(largest).toBeGreaterThan(0.6 * bound);
    }
    const x = new Float32Array(2 * inputShape.reduce((a, b) => a * b)).fill(1);
    expect(model.predict(x).every(Number.isFinite)).toBe(true);
  });
});

describe("layers of convolutions in groups", async () => {
  const engine = await createEngine({ threads: 1 });

  it("refuse channels that do not divide into the groups", () => {
    const make = (): nn.Layer => nn.conv2d({ outChannels: 6, kernelSize: 1, groups: 4 });
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow("nn.conv2d wants outChannels that divide into 4 groups, got 6");
    for (const layer of [nn.conv1d, nn.convTranspose1d]) {
      const build = () =>
        nn.sequential(layer({ outChannels: 4, kernelSize: 1, groups: 4 })).build(engine, { inputShape: [3, 6] });
      expect(build).toThrow(ShapeError);
      expect(build).toThrow("wants channels that divide into 4 groups, got [2, 3, 6]");
    }
  });
});

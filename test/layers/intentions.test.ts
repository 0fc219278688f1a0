import { describe, expect, it } from "vitest";
import { ArgumentError, createEngine, Graph, nn, ops } from "../../src/index.js";

describe("what is plainly meant is taken", async () => {
  const engine = await createEngine({ threads: 1, seed: 3 });
  const image = { inputShape: [4, 4, 1] };
  const namesOf = (layer: nn.Sequential, options: nn.BuildOptions): string[] =>
    layer.build(engine, options).entries.map(({ name }) => name);

  it("layers in an array, or in several", () => {
    const layers = [nn.linear({ outFeatures: 3 }), nn.relu(), nn.linear({ outFeatures: 2 })];
    const expected = ["0.weight", "0.bias", "2.weight", "2.bias"];
    expect(namesOf(nn.sequential(layers), { inputShape: [5] })).toEqual(expected);
    expect(namesOf(nn.sequential(layers.slice(0, 2), layers[2]!), { inputShape: [5] })).toEqual(expected);
    expect(namesOf(nn.sequential(nn.residual([nn.relu(), nn.linear(5)])), { inputShape: [5] })).toEqual([
      "0.1.weight",
      "0.1.bias",
    ]);
  });

  it("a function that makes a layer in the place of the layer, where it needs no options", () => {
    const model = nn.sequential(nn.flatten, nn.linear(3), nn.batchNorm, nn.relu, nn.dropout).build(engine, image);
    expect(model.outputShape).toEqual([3]);
    expect(model.entries.map(({ name }) => name)).toContain("2.runningMean");
    expect(model.predict(new Float32Array(16)).every((x) => x >= 0)).toBe(true);
  });

  it("a function of a value in the place of a layer", () => {
    const model = nn.sequential(ops.flatten, (x) => ops.scale(x, 2)).build(engine, image);
    expect(model.predict(new Float32Array(16).fill(3))).toEqual(new Float32Array(16).fill(6));
  });

  it("the one option that matters, alone", () => {
    const shapeOf = (layer: nn.Layer): readonly number[] => nn.sequential(layer).build(engine, image).outputShape;
    expect(shapeOf(nn.maxPool2d(2))).toEqual([2, 2, 1]);
    expect(shapeOf(nn.maxPool2d([2, 1]))).toEqual([2, 4, 1]);
    expect(nn.sequential(nn.linear(7)).build(engine, { inputShape: [2] }).outputShape).toEqual([7]);
    expect(nn.dropout(0.25).name).toBe("dropout");
    const x = new Graph().input([1, 4, 4, 1], "x");
    expect(ops.maxPool2d(x, 2).shape).toEqual([1, 2, 2, 1]);
  });

  it("padding in words", () => {
    const build = (padding: nn.Padding, layer: (options: nn.ConvolutionOptions) => nn.Layer) =>
      nn.sequential(layer({ kernelSize: [3, 2], padding })).build(engine, image).outputShape;
    expect(build("same", (options) => nn.conv2d({ outChannels: 5, ...options }))).toEqual([4, 4, 5]);
    expect(build("valid", (options) => nn.conv2d({ outChannels: 5, ...options }))).toEqual([2, 3, 5]);
    expect(build("same", nn.depthwiseConv2d)).toEqual([4, 4, 1]);
    expect(
      nn.sequential(nn.maxPool2d({ kernelSize: 3, stride: 1, padding: "same" })).build(engine, image),
    ).toHaveProperty("outputShape", [4, 4, 1]);
  });

  it.each<[string, (layer: unknown) => unknown]>([
    ["in a sequence", (layer) => nn.sequential(nn.flatten(), layer as nn.Layer)],
    ["in a residual", (layer) => nn.residual(nn.flatten(), layer as nn.Layer)],
    [
      "in a layer of one's own",
      (layer) =>
        nn
          .sequential({ name: "mine", apply: (x, scope) => scope.apply("fc", layer as nn.Layer, ops.flatten(x)) })
          .build(engine, image),
    ],
  ])("but a function that makes a layer needs its options, %s", (_, use) => {
    for (const [layer, option] of [
      [nn.linear, "outFeatures"],
      [nn.conv2d, "outChannels"],
      [nn.maxPool2d, "kernelSize"],
    ] as const) {
      expect(() => use(layer)).toThrow(ArgumentError);
      expect(() => use(layer)).toThrow(
        `is nn.${layer.layer} itself: call it with its options, nn.${layer.layer}({ … }). `,
      );
      expect(() => use(layer)).toThrow(`${option} must be`);
    }
  });

  it("sizes in the order of other libraries are not guessed at", () => {
    const torch = nn as unknown as Readonly<Record<string, (...values: readonly unknown[]) => unknown>>;
    expect(() => torch["linear"]!(784, 10)).toThrow(ArgumentError);
    expect(() => torch["linear"]!(784, 10)).toThrow(/nn\.linear\(\{ outFeatures, .* \}\), .* got 2 arguments/);
    expect(() => torch["conv2d"]!(1, 32, 3)).toThrow(/nn\.conv2d\(\{ outChannels, kernelSize, .* got 3 arguments/);
    expect(() => torch["relu"]!(undefined, 1)).toThrow(ArgumentError);
  });
});

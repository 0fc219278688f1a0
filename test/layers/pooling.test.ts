import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError } from "../../src/engine/index.js";
import { Graph, Program } from "../../src/graph/index.js";
import { nn, ops } from "../../src/index.js";
import { testEngine } from "../kernel.js";

describe("layers of pooling", async () => {
  const engine = await testEngine();
  const shapeOf = (layer: nn.Layer, inputShape: readonly number[]): readonly number[] => {
    const found: number[] = [];
    const watch = nn.lambda((x) => (found.push(...x.shape.slice(1)), x));
    nn.sequential(layer, watch)
      .build(engine, { inputShape })
      .predict(new Float32Array(inputShape.reduce((a, b) => a * b)));
    return found.slice(-inputShape.length);
  };

  it.each([
    ["maxPool1d", nn.maxPool1d(2), [7, 3], [3, 3]],
    ["maxPool2d with dilation", nn.maxPool2d({ kernelSize: 2, dilation: 3, stride: 1 }), [7, 6, 3], [4, 3, 3]],
    ["maxPool3d of a window of 512", nn.maxPool3d({ kernelSize: 8 }), [8, 9, 8, 2], [1, 1, 1, 2]],
    ["avgPool2d with ceilMode", nn.avgPool2d({ kernelSize: 2, ceilMode: true }), [7, 6, 3], [4, 3, 3]],
    ["adaptiveAvgPool2d", nn.adaptiveAvgPool2d([null, 2]), [7, 6, 3], [7, 2, 3]],
    ["globalAvgPool2d with keepDims", nn.globalAvgPool2d({ keepDims: true }), [7, 6, 3], [1, 1, 3]],
    ["upsample", nn.upsample({ scale: 2, mode: "bilinear" }), [4, 3, 2], [8, 6, 2]],
    ["pixelShuffle", nn.pixelShuffle(2), [4, 3, 8], [8, 6, 2]],
    ["pixelUnshuffle", nn.pixelUnshuffle(2), [4, 6, 2], [2, 3, 8]],
  ])("%s gives the shape that it says", (_, layer, given, wanted) => {
    expect(shapeOf(layer, given)).toEqual(wanted);
  });

  it("refuse windows that do not fit, and modes that say nothing", () => {
    const x = new Graph().input([1, 4, 4, 2], "x");
    expect(() => ops.avgPool2d(x, 5)).toThrow(/windows no longer than x/);
    expect(() => ops.maxPool2d(x, { kernelSize: 2, padding: 2 })).toThrow(ShapeError);
    expect(() =>
      ops.maxPool2d(new Graph().input([1, 2, 2, 1], "x"), { kernelSize: 2, dilation: 3, padding: 1 }),
    ).toThrow(/padding alone/);
    expect(() => ops.avgPool1d(x, 2)).toThrow(/\[B, L, C\]/);
    expect(() => ops.upsample(x, { mode: "bilinear" })).toThrow(/scale or size/);
    expect(() => ops.upsample(x, { scale: 2, alignCorners: true })).toThrow(ArgumentError);
    expect(() => ops.upsample(x, { scale: 2, mode: "trilinear" })).toThrow(/"linear"/);
    expect(() => ops.pixelShuffle(x, 2)).toThrow(/multiple of 2² = 4 channels/);
    expect(() => ops.maxUnpool2d(x, x, 2)).toThrow(/int32/);
  });

  it("maxUnpool puts values back where they stood, and refuses places beyond the result when it runs", () => {
    const graph = new Graph();
    const x = graph.input([1, 2, 1], "x");
    const indices = graph.input([1, 2, 1], "indices", "i32");
    const y = ops.maxUnpool1d(x, indices, 2);
    const program = new Program(engine, graph, { outputs: [y] });
    program.write(x, Float32Array.of(3, -0));
    program.write(indices, Int32Array.of(1, 2));
    program.run();
    expect(Array.from(program.read(y))).toEqual([0, 3, -0, 0]);
    program.write(indices, Int32Array.of(1, 4));
    expect(() => program.run()).toThrow(/out of range/);
    program.dispose();
  });
});

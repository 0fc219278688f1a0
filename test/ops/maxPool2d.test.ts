import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError } from "../../src/engine/index.js";
import { Graph } from "../../src/graph/index.js";
import { maxPool2d, type FusedMaxPoolOptions } from "../../src/ops/pooling/maxPooling.js";
import type { PerAxis } from "../../src/ops/convolution/perAxis.js";
import { checkGradient } from "../gradient.js";
import { testEngine } from "../kernel.js";
import * as oracle from "../oracle/maxPool.js";

describe("maxPool2d", async () => {
  const engine = await testEngine();
  const cases: {
    shape: [number, number, number, number];
    options: Pick<FusedMaxPoolOptions, "relu"> &
      Readonly<Record<"kernelSize", PerAxis>> & { readonly stride?: PerAxis; readonly padding?: PerAxis };
  }[] = [
    { shape: [2, 4, 4, 3], options: { kernelSize: 2 } },
    { shape: [2, 5, 4, 4], options: { kernelSize: 2, relu: true } },
    { shape: [1, 6, 5, 4], options: { kernelSize: 3, stride: 2, padding: 1 } },
    { shape: [1, 5, 7, 2], options: { kernelSize: [2, 3], stride: [1, 2], padding: [1, 0], relu: true } },
  ];

  it.each(cases)("has the right values and gradient: $shape, $options", ({ shape, options }) => {
    const both = (value: number | readonly [number, number]): readonly [number, number] =>
      typeof value === "number" ? [value, value] : value;
    const pool = {
      shape,
      kernel: both(options.kernelSize),
      stride: both(options.stride ?? options.kernelSize),
      padding: both(options.padding ?? 0),
      relu: options.relu ?? false,
    };
    checkGradient(
      engine,
      [{ shape }],
      ([x]) => maxPool2d(x!, options),
      ([x]) => oracle.maxPool(x!, pool).y,
    );
  });

  it("has the shape ⌊(H + 2p − k)/s⌋ + 1", () => {
    const x = new Graph().input([3, 28, 15, 8], "x");
    expect(maxPool2d(x, { kernelSize: 2 }).shape).toEqual([3, 14, 7, 8]);
    expect(maxPool2d(x, { kernelSize: 3, stride: 2, padding: 1 }).shape).toEqual([3, 14, 8, 8]);
  });

  it("refuses what does not fit, saying what it got", () => {
    const graph = new Graph();
    const x = graph.input([3, 4, 5, 8], "x");
    expect(() => maxPool2d(graph.input([4, 5, 8], "y"), { kernelSize: 2 })).toThrow(
      /\[B, H, W, C\] with nothing but the batch empty, got y, \[4, 5, 8\]/,
    );
    expect(() => maxPool2d(x, { kernelSize: 5 })).toThrow(ShapeError);
    expect(() => maxPool2d(x, { kernelSize: 2, padding: 2 })).toThrow(/padding 2/);
    expect(() => maxPool2d(x, { kernelSize: 2, padding: [0, 2] })).toThrow(/padding 2/);
    expect(() => maxPool2d(x, { kernelSize: 2, stride: 0 })).toThrow(ArgumentError);
  });
});

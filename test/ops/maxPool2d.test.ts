import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/engine/index.js";
import { Graph, Program } from "../../src/graph/index.js";
import { maxPool2d, maxPool2dOperation } from "../../src/ops/maxPool2d.js";
import { relu } from "../../src/ops/relu.js";
import { expectIdentical } from "../expect.js";
import { checkGradient } from "../gradient.js";
import { testedBuilds, testEngine } from "../kernel.js";
import { maxPool2dOracle, type PoolGeometry, pooledLengths } from "../oracle/maxPool2d.js";
import { randomFloats, randomIntegers } from "../random.js";

type Axes = readonly [number, number];

const windows: [kernelSize: Axes, stride: Axes, padding: Axes][] = [
  [
    [2, 2],
    [2, 2],
    [0, 0],
  ],
  [
    [3, 3],
    [2, 2],
    [1, 1],
  ],
  [
    [3, 2],
    [1, 1],
    [1, 0],
  ],
  [
    [1, 1],
    [1, 1],
    [0, 0],
  ],
  [
    [2, 3],
    [3, 1],
    [1, 1],
  ],
  [
    [4, 4],
    [4, 4],
    [2, 2],
  ],
  [
    [5, 7],
    [5, 7],
    [0, 0],
  ],
];

describe.each(testedBuilds)("maxPool2d (%s)", async (build) => {
  const engine = await testEngine(build);

  /** Output, and gradient of x for the upstream gradient dy. */
  function pool(
    x: Float32Array,
    dy: Float32Array | undefined,
    geometry: PoolGeometry,
  ): { y: Float32Array; dx: Float32Array } {
    const { batch, height, width, channels } = geometry;
    const graph = new Graph();
    const input = graph.input([batch, height, width, channels], "x", "f32", true);
    const output = maxPool2d(input, geometry);
    const upstream = graph.input(output.shape, "dy");
    const backward = { from: output, gradient: upstream };
    const program = new Program(engine, graph, { outputs: [output], backward, gradients: [input] });
    program.write(input, x);
    program.write(upstream, dy ?? new Float32Array(output.size));
    program.run();
    const result = { y: program.read(output), dx: program.readGradient(input) };
    program.release();
    return result;
  }

  describe.each(windows)("windows %j, stride %j, padding %j", (kernelSize, stride, padding) => {
    it.each([1, 2, 3, 4, 5, 8, 16, 17])(
      "find the first maximum and send the gradient there, for %i channels",
      (channels) => {
        for (const [height, width] of [
          [5, 7],
          [6, 8],
          [28, 9],
        ] as const) {
          const geometry = { batch: 3, height, width, channels, kernelSize, stride, padding };
          const [outHeight, outWidth] = pooledLengths(geometry);
          // Small integers: many equal maxima, exact sums.
          const x = randomIntegers(3 * height * width * channels, 1, 3);
          const dy = randomIntegers(3 * outHeight * outWidth * channels, 2);
          const { y, winner } = maxPool2dOracle(x, geometry);
          const dx = new Float32Array(x.length);
          winner.forEach((at, i) => (dx[at]! += dy[i]!));
          const result = pool(x, dy, geometry);
          expectIdentical(result.y.map(positiveZero), y.map(positiveZero));
          expectIdentical(result.dx.map(positiveZero), dx.map(positiveZero));
        }
      },
    );

    it("let NaN and infinities through as PyTorch does", () => {
      const geometry = { batch: 1, height: 8, width: 14, channels: 4, kernelSize, stride, padding };
      const x = randomFloats(8 * 14 * 4, 3);
      for (let i = 0; i < x.length; i += 5) x[i] = [NaN, Infinity, -Infinity][(i / 5) % 3]!;
      expectIdentical(pool(x, undefined, geometry).y, maxPool2dOracle(x, geometry).y);
    });
  });

  it.each(["fused", "separate"])("has the gradient of a ReLU before it, %s", (form) => {
    const rules = form === "fused" ? absorbRelu : [];
    for (const channels of [3, 4]) {
      const geometry = { batch: 2, height: 5, width: 4, channels, ...square(2, 2, 0) };
      checkGradient(
        engine,
        [{ shape: [2, 5, 4, channels] }],
        ([x]) => maxPool2d(relu(x!), geometry),
        ([x]) =>
          maxPool2dOracle(
            x!.map((value) => Math.max(value, 0)),
            geometry,
          ).y,
        { rules },
      );
    }
  });
});

const absorbRelu = [
  (producer: { operation: unknown }, consumer: { operation: unknown; attributes: unknown }) =>
    consumer.operation === maxPool2dOperation && (producer.operation as { name: string }).name === "relu"
      ? { operation: maxPool2dOperation as never, attributes: { ...(consumer.attributes as object), relu: true } }
      : undefined,
];

describe("maxPool2d", () => {
  it.each([
    ["vectors", [4, 4], square(2, 2, 0), /\[batch, height, width, channels\], got \[4, 4\]/],
    ["a window larger than the image", [1, 3, 9, 1], square(4, 1, 0), /kernelSize \[4, 4\] exceeds the image \[3, 9\]/],
    ["padding of more than half the window", [1, 9, 9, 1], square(3, 1, 2), /padding \[2, 2\] is more than half/],
  ])("rejects %s", (_, shape, attributes, message) => {
    expect(() => maxPool2d(new Graph().input(shape, "x"), attributes)).toThrow(ShapeError);
    expect(() => maxPool2d(new Graph().input(shape, "x"), attributes)).toThrow(message);
  });
});

function square(kernel: number, step: number, border: number): Record<"kernelSize" | "stride" | "padding", Axes> {
  return { kernelSize: [kernel, kernel], stride: [step, step], padding: [border, border] };
}

function positiveZero(value: number): number {
  return value === 0 ? 0 : value;
}

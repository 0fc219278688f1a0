import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../src/engine/index.js";
import { Graph } from "../../src/graph/index.js";
import { conv2d } from "../../src/ops/convolution/conv2d.js";
import { depthwiseConv2d } from "../../src/ops/convolution/depthwiseConv2d.js";
import { maxPool2d } from "../../src/ops/pooling/maxPooling.js";
import { checkGradient } from "../gradient.js";
import { testEngine } from "../kernel.js";
import { naiveConv } from "../oracle/conv.js";
import { naiveDepthwise } from "../oracle/depthwise.js";
import { maxPool } from "../oracle/maxPool.js";

type Pair = readonly [number, number];
type Image = readonly [batch: number, height: number, width: number, channels: number];

/** Positions before and after an axis so that ⌈size / stride⌉ windows cover it, one more after it if they are odd. */
function around(size: number, kernel: number, stride: number, dilation: number): Pair {
  let before = 0;
  let after = 0;
  const windows = Math.ceil(size / stride);
  while ((windows - 1) * stride + dilation * (kernel - 1) + 1 > before + size + after) {
    if (after > before) before++;
    else after++;
  }
  return [before, after];
}

/** The image with `fill` around it. */
function surround([batch, height, width, channels]: Image, x: Float64Array, rows: Pair, columns: Pair, fill: number) {
  const [paddedHeight, paddedWidth] = [rows[0] + height + rows[1], columns[0] + width + columns[1]];
  const data = new Float64Array(batch * paddedHeight * paddedWidth * channels).fill(fill);
  x.forEach((value, i) => {
    const c = i % channels;
    const [w, h] = [Math.floor(i / channels) % width, Math.floor(i / (channels * width)) % height];
    const b = Math.floor(i / (channels * width * height));
    data[((b * paddedHeight + rows[0] + h) * paddedWidth + columns[0] + w) * channels + c] = value;
  });
  return { data, height: paddedHeight, width: paddedWidth };
}

const cases: readonly {
  readonly image: Image;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
}[] = [
  { image: [2, 5, 4, 3], kernel: [3, 3], stride: [1, 1], dilation: [1, 1] },
  { image: [1, 5, 6, 2], kernel: [2, 4], stride: [1, 1], dilation: [1, 1] },
  { image: [1, 7, 6, 4], kernel: [3, 2], stride: [2, 3], dilation: [1, 1] },
  { image: [1, 6, 7, 2], kernel: [3, 2], stride: [1, 2], dilation: [2, 3] },
  { image: [1, 3, 2, 2], kernel: [5, 4], stride: [7, 1], dilation: [1, 1] },
  { image: [1, 4, 4, 1], kernel: [1, 1], stride: [3, 2], dilation: [1, 1] },
];
const named = cases.map(
  ({ image, kernel, stride, dilation }) =>
    [
      `image ${image.join("×")}, kernel ${kernel.join("×")}, stride ${stride.join()}, dilation ${dilation.join()}`,
    ] as const,
);

describe('padding "same"', async () => {
  const engine = await testEngine("debug");
  const titled = cases.map((values, i) => [named[i]![0], values] as const);

  it.each(titled)("of a convolution gives ⌈size / stride⌉ outputs and their gradients: %s", (_, given) => {
    const { image, kernel, stride, dilation } = given;
    const [rows, columns] = ([0, 1] as const).map((axis) =>
      around(image[axis + 1]!, kernel[axis], stride[axis], dilation[axis]),
    ) as [Pair, Pair];
    const out = [image[0], Math.ceil(image[1] / stride[0]), Math.ceil(image[2] / stride[1])];
    checkGradient(
      engine,
      [{ shape: image }, { shape: [...kernel, image[3], 3] }, { shape: [3] }],
      ([x, weight, bias]) => {
        const y = conv2d(x!, weight!, bias, { padding: "same", stride, dilation });
        expect(y.shape).toEqual([...out, 3]);
        return y;
      },
      ([x, weight, bias]) => {
        const { data, height, width } = surround(image, x!, rows, columns, 0);
        const c = { batch: image[0], height, width, channels: image[3], outChannels: 3, stride, dilation };
        return naiveConv({ ...c, kernelHeight: kernel[0], kernelWidth: kernel[1] }, data, weight!, bias);
      },
    );
  });

  it.each(titled)("of a depthwise convolution does, too: %s", (_, given) => {
    const { image, kernel, stride, dilation } = given;
    const [rows, columns] = ([0, 1] as const).map((axis) =>
      around(image[axis + 1]!, kernel[axis], stride[axis], dilation[axis]),
    ) as [Pair, Pair];
    checkGradient(
      engine,
      [{ shape: image }, { shape: [...kernel, image[3]] }],
      ([x, weight]) => depthwiseConv2d(x!, weight!, undefined, { padding: "same", stride, dilation }),
      ([x, weight]) => {
        const { data, height, width } = surround(image, x!, rows, columns, 0);
        const c = { batch: image[0], height, width, channels: image[3], kernel, stride, dilation };
        return naiveDepthwise({ ...c, padding: [0, 0] }, data, weight!);
      },
    );
  });

  it.each(titled.filter(([, { kernel, image }]) => kernel[0] <= image[1] && kernel[1] <= image[2]))(
    "of a pooling does, with −∞ around the image: %s",
    (_, { image, kernel, stride }) => {
      const [rows, columns] = ([0, 1] as const).map((axis) =>
        around(image[axis + 1]!, kernel[axis], stride[axis], 1),
      ) as [Pair, Pair];
      const size = image.reduce((a, b) => a * b);
      const apart = Float32Array.from({ length: size }, (_, i) => (((i * 37) % 101) - 50) / 8);
      checkGradient(
        engine,
        [{ shape: image, data: apart }],
        ([x]) => maxPool2d(x!, { kernelSize: kernel, stride, padding: "same" }),
        ([x]) => {
          const { data, height, width } = surround(image, x!, rows, columns, -Infinity);
          return maxPool(data, { shape: [image[0], height, width, image[3]], kernel, stride, padding: [0, 0] }).y;
        },
      );
    },
  );
});

describe("padding in words", () => {
  const x = new Graph().input([1, 5, 5, 2], "x");
  const weight = x.graph.input([3, 3, 2, 4], "weight");

  it('"valid" is none', () => {
    expect(conv2d(x, weight, undefined, { padding: "valid" }).shape).toEqual([1, 3, 3, 4]);
    expect(maxPool2d(x, { kernelSize: 2, padding: "valid" }).shape).toEqual([1, 2, 2, 2]);
  });

  it("another word is refused, with those there are", () => {
    const wrong = (): unknown => conv2d(x, weight, undefined, { padding: "full" as never });
    expect(wrong).toThrow(ArgumentError);
    expect(wrong).toThrow('conv2d: padding must be a number, [height, width], "same" or "valid", got "full"');
  });
});

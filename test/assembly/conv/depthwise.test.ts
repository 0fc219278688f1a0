import { describe, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { type Depthwise, naiveDepthwise, naiveDepthwiseGradients, outputSize } from "../../oracle/depthwise.js";
import { randomIntegers } from "../../random.js";

const cases: Depthwise[] = [
  { batch: 2, height: 6, width: 7, channels: 8, kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1] },
  { batch: 1, height: 5, width: 9, channels: 17, kernel: [3, 5], stride: [1, 2], padding: [1, 2], dilation: [2, 1] },
  { batch: 3, height: 4, width: 3, channels: 3, kernel: [2, 2], stride: [2, 1], padding: [1, 0], dilation: [1, 2] },
  { batch: 1, height: 9, width: 12, channels: 76, kernel: [1, 4], stride: [2, 2], padding: [0, 3], dilation: [1, 1] },
  { batch: 0, height: 3, width: 3, channels: 4, kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1] },
];

const withoutSign = (values: ArrayLike<number>): number[] => Array.from(values, (value) => value + 0);

describe.each(testedBuilds)("kernels of depthwise convolution (%s)", async (build) => {
  const engine = await testEngine(build);

  describe.each(cases.map((c) => ({ c, text: JSON.stringify(c) })))("for $text", ({ c }) => {
    const { batch, height, width, channels, kernel, stride, padding, dilation } = c;
    const [outHeight, outWidth] = outputSize(c);
    const x = randomIntegers(batch * height * width * channels, 1);
    const weight = randomIntegers(kernel[0] * kernel[1] * channels, 2);
    const bias = randomIntegers(channels, 3);
    const dy = randomIntegers(batch * outHeight * outWidth * channels, 4);
    const sizes = { batch, height, width, channels, outHeight, outWidth };

    it.each([1, 2, 3, 7])("are exact within their buffers with %i threads: output", (threads) => {
      for (const relu of [false, true]) {
        const { y } = runKernel(
          engine,
          "depthwiseConv2d",
          {
            ...{ x, weight, bias, y: new Output(dy.length), ...sizes, xPixel: channels, relu },
            ...{ yImage: outHeight * outWidth * channels, yRow: outWidth * channels, yColumn: channels },
            ...{ tapRows: kernel[0], tapColumns: kernel[1], stepHeight: stride[0], stepWidth: stride[1] },
            ...{ startHeight: -padding[0], startWidth: -padding[1] },
            ...{ dilationHeight: dilation[0], dilationWidth: dilation[1] },
            ...{ weightRow: kernel[1] * channels, weightColumn: channels },
          },
          { threads },
        );
        expectIdentical(withoutSign(y!), withoutSign(naiveDepthwise(c, x, weight, bias, relu)));
      }
    });

    it.each([1, 2, 3, 7])("are exact within their buffers with %i threads: weight gradient", (threads) => {
      const rows = batch * outHeight;
      for (const chunkRows of [1, 2, Math.max(rows, 1)]) {
        const chunks = Math.max(Math.ceil(rows / chunkRows), 1);
        const { dw } = runKernel(
          engine,
          "depthwiseConv2dWeightGradient",
          {
            ...{ x, dy, dw: new Output(chunks * weight.length), ...sizes, pixel: channels, chunkRows },
            ...{ kernelHeight: kernel[0], kernelWidth: kernel[1], strideHeight: stride[0], strideWidth: stride[1] },
            ...{ paddingHeight: padding[0], paddingWidth: padding[1] },
            ...{ dilationHeight: dilation[0], dilationWidth: dilation[1] },
          },
          { threads },
        );
        const total = weight.map((_, i) => {
          let sum = 0;
          for (let chunk = 0; chunk < chunks; chunk++) sum += dw![chunk * weight.length + i]!;
          return sum;
        });
        expectIdentical(withoutSign(total), withoutSign(naiveDepthwiseGradients(c, x, weight, dy).dw));
      }
    });
  });
});

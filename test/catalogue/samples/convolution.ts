import type { Shape } from "../../../src/graph/index.js";
import { apart, generic, type Given } from "../sample.js";
import type { Writtens } from "../written.js";

const image = (shape: Shape, weight: Shape): Readonly<Record<string, Given>> => ({
  x: shape,
  weight: generic(weight, 2),
  bias: generic([weight.at(-1)!], 3),
});

const strided = { stride: [2, 1], padding: [1, 0], dilation: [1, 2] };
const sparse = { stride: 3, padding: [0, 1] };
/** So wide that the input gradient is filled with zeros first. */
const wide = { stride: 9 };

/** Of a transposed convolution, whose weight ends in the channels of x. */
const transposed = (x: Shape, weight: Shape, outChannels: number): Readonly<Record<string, Given>> => ({
  x,
  weight: generic(weight, 2),
  bias: generic([outChannels], 3),
});

/** Of a convolution of a weight that is packed, all paddings 1 but for empty batches. */
function packed(xShape: Shape, weightShape: Shape, more: object = {}): Record<string, unknown> {
  const kernel = weightShape.slice(0, -2);
  const each = (length: number): number[] => kernel.map(() => length);
  const padding = each(xShape[0] === 0 ? 0 : 1);
  const lengths = kernel.map((taps, i) => xShape[i + 1]! + 2 * padding[i]! - taps + 1);
  const yShape = [xShape[0]!, ...lengths, weightShape.at(-1)!];
  return {
    ...{ xShape, weightShape, yShape, padding, paddingAfter: padding, stride: each(1), dilation: each(1), ...more },
  };
}

export const written: Writtens = {
  conv2d: [
    { inputs: image([1, 4, 5, 2], [3, 2, 2, 3]), options: strided },
    { inputs: image([2, 5, 4, 1], [2, 2, 1, 2]), options: sparse },
    { inputs: image([1, 4, 5, 1], [2, 3, 1, 2]), options: { stride: [1, 2], padding: "same" } },
    { inputs: image([1, 9, 10, 1], [2, 2, 1, 2]), options: wide, isLarge: true },
    { inputs: { x: apart([1, 3, 3, 2]), weight: apart([3, 3, 2, 2]) }, options: { padding: 1, relu: true } },
    { inputs: image([0, 4, 4, 2], [3, 3, 2, 3]), options: { padding: 1 } },
    { inputs: image([2, 20, 21, 3], [3, 3, 3, 9]), options: { padding: 1 }, isLarge: true },
    { inputs: image([1, 4, 3, 4], [3, 2, 2, 6]), options: { ...strided, groups: 2 } },
    { inputs: image([2, 3, 4, 3], [2, 3, 1, 6]), options: { padding: "same", groups: 3 } },
    { inputs: image([1, 4, 3, 4], [3, 3, 1, 4]), options: { padding: 1, groups: 4, relu: true } },
    { inputs: image([2, 9, 10, 12], [3, 3, 4, 27]), options: { padding: 1, groups: 3 }, isLarge: true },
    { inputs: image([0, 3, 3, 4], [3, 3, 2, 2]), options: { padding: 1, groups: 2 } },
  ],
  conv1d: [
    { inputs: image([2, 6, 3], [3, 3, 4]), options: { stride: 2, padding: 1 } },
    { inputs: image([1, 5, 4], [2, 2, 6]), options: { padding: "causal", dilation: 2, groups: 2 } },
    { inputs: image([2, 5, 3], [4, 1, 3]), options: { padding: "same", groups: 3 } },
    { inputs: image([1, 1, 2], [1, 2, 1]), options: {} },
    { inputs: image([0, 5, 2], [3, 2, 2]), options: { padding: "same" } },
  ],
  conv3d: [
    { inputs: image([1, 3, 2, 3, 2], [2, 2, 2, 2, 3]), options: { padding: [1, 0, 1], stride: [2, 1, 1] } },
    { inputs: image([1, 2, 3, 3, 2], [2, 1, 2, 1, 4]), options: { padding: "same", dilation: [1, 1, 2], groups: 2 } },
    { inputs: image([0, 2, 2, 2, 1], [1, 1, 1, 1, 2]), options: { relu: true } },
  ],
  convTranspose1d: [
    { inputs: transposed([2, 3, 2], [3, 3, 2], 3), options: { stride: 2, padding: 1, outputPadding: 1 } },
    { inputs: transposed([1, 4, 4], [2, 1, 4], 2), options: { dilation: 3, outputPadding: 2, groups: 2 } },
    { inputs: transposed([0, 3, 2], [3, 1, 2], 1), options: { padding: "same", stride: 2 } },
  ],
  convTranspose2d: [
    { inputs: transposed([1, 2, 3, 2], [3, 2, 3, 2], 3), options: { stride: [2, 1], padding: [1, 0] } },
    { inputs: transposed([1, 3, 2, 3], [2, 3, 1, 3], 3), options: { stride: 2, groups: 3, padding: "same" } },
    { inputs: transposed([1, 2, 2, 4], [2, 2, 2, 4], 4), options: { stride: 3, outputPadding: [2, 0], groups: 2 } },
    { inputs: transposed([1, 2, 2, 1], [2, 2, 1, 1], 1), options: wide, isLarge: true },
    { inputs: transposed([0, 2, 2, 2], [3, 3, 1, 2], 1), options: { padding: 1 } },
  ],
  convTranspose3d: [
    {
      inputs: transposed([1, 2, 1, 2, 2], [2, 1, 2, 1, 2], 1),
      options: { stride: [2, 1, 1], outputPadding: [1, 0, 0] },
    },
    { inputs: transposed([0, 2, 1, 2, 2], [1, 1, 1, 1, 2], 1), options: {} },
  ],
  packConvolutionWeight: [
    { inputs: { weight: [2, 2, 3, 9] } },
    { inputs: { weight: [3, 2, 6] }, attributes: { groups: 2 } },
    { inputs: { weight: [1, 2, 0] } },
  ],
  packedConvolution: [
    {
      inputs: { x: [2, 4, 5, 2], packed: generic([144], 2), bias: [3] },
      attributes: packed([2, 4, 5, 2], [3, 3, 2, 3]),
    },
    { inputs: { x: [1, 4, 4, 1], packed: [64] }, attributes: packed([1, 4, 4, 1], [2, 2, 1, 9], { relu: true }) },
    { inputs: { x: [1, 5, 4], packed: [96] }, attributes: packed([1, 5, 4], [3, 2, 6], { groups: 2 }) },
    { inputs: { x: [0, 2, 2, 1], packed: [8] }, attributes: packed([0, 2, 2, 1], [1, 1, 1, 2]) },
  ],
  depthwiseConv2d: [
    { inputs: image([1, 4, 5, 2], [3, 2, 2]), options: strided },
    { inputs: image([2, 5, 4, 3], [2, 2, 3]), options: sparse },
    { inputs: image([1, 4, 5, 2], [2, 3, 2]), options: { stride: [1, 2], padding: "same" } },
    { inputs: image([1, 4, 5, 1], [2, 3, 1]), options: { stride: [1, 2] } },
    { inputs: image([1, 9, 10, 2], [2, 2, 2]), options: wide, isLarge: true },
    { inputs: { x: apart([1, 3, 3, 2]), weight: apart([3, 3, 2]) }, options: { padding: 1, relu: true } },
    { inputs: image([0, 4, 4, 2], [3, 3, 2]), options: { padding: 1 } },
    { inputs: image([2, 20, 21, 5], [3, 3, 5]), options: { padding: 1 }, isLarge: true },
  ],
};

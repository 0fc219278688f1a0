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

export const written: Writtens = {
  conv2d: [
    { inputs: image([1, 4, 5, 2], [3, 2, 2, 3]), options: strided },
    { inputs: image([2, 5, 4, 1], [2, 2, 1, 2]), options: sparse },
    { inputs: image([1, 4, 5, 1], [2, 3, 1, 2]), options: { stride: [1, 2], padding: "same" } },
    { inputs: image([1, 9, 10, 1], [2, 2, 1, 2]), options: wide, isLarge: true },
    { inputs: { x: apart([1, 3, 3, 2]), weight: apart([3, 3, 2, 2]) }, options: { padding: 1, relu: true } },
    { inputs: image([0, 4, 4, 2], [3, 3, 2, 3]), options: { padding: 1 } },
    { inputs: image([2, 20, 21, 3], [3, 3, 3, 9]), options: { padding: 1 }, isLarge: true },
  ],
  packedConv2d: [
    {
      inputs: { x: [2, 4, 5, 2], packed: generic([144], 2), bias: [3] },
      attributes: {
        weightShape: [3, 3, 2, 3],
        yShape: [2, 4, 5, 3],
        xShape: [2, 4, 5, 2],
        padding: [1, 1],
        paddingAfter: [1, 1],
      },
    },
    {
      inputs: { x: [1, 4, 4, 1], packed: [64] },
      attributes: { weightShape: [2, 2, 1, 9], yShape: [1, 2, 2, 9], xShape: [1, 4, 4, 1], stride: [2, 2], relu: true },
    },
    {
      inputs: { x: [0, 2, 2, 1], packed: [8] },
      attributes: { weightShape: [1, 1, 1, 2], yShape: [0, 2, 2, 2], xShape: [0, 2, 2, 1] },
    },
  ],
  depthwiseConv2d: [
    { inputs: image([1, 4, 5, 2], [3, 2, 2]), options: strided },
    { inputs: image([2, 5, 4, 3], [2, 2, 3]), options: sparse },
    { inputs: image([1, 4, 5, 1], [2, 3, 1]), options: { stride: [1, 2], padding: "same" } },
    { inputs: image([1, 9, 10, 2], [2, 2, 2]), options: wide, isLarge: true },
    { inputs: { x: apart([1, 3, 3, 2]), weight: apart([3, 3, 2]) }, options: { padding: 1, relu: true } },
    { inputs: image([0, 4, 4, 2], [3, 3, 2]), options: { padding: 1 } },
    { inputs: image([2, 20, 21, 5], [3, 3, 5]), options: { padding: 1 }, isLarge: true },
  ],
};

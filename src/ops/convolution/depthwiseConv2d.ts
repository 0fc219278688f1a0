import { depthwise } from "./functions.js";

/**
 * Convolution of images in which every channel has a kernel of its own, plus a bias and, if asked, ReLU: [B, H, W, C], [k, k, C],
 * [C] → [B, H′, W′, C]. It is conv2d with groups = C, for a weight without the axis of length 1.
 *
 * @param x (B, H, W, C)
 * @param weight [kernelHeight, kernelWidth, C]
 * @param bias [C], optional
 * @returns (B, outHeight, outWidth, C) with, on each axis,
 *   out = ⌊(in + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1
 * @throws ShapeError if the shapes do not fit together or the kernel is larger than the padded input
 * @throws ArgumentError if an option is no integer in its range
 */
export const depthwiseConv2d = /* @__PURE__ */ depthwise("depthwiseConv2d");

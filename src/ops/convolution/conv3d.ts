import { convolution } from "./functions.js";

/**
 * Convolution (cross-correlation, as everywhere in deep learning) of volumes, plus a bias and, if asked, ReLU: [B, D, H, W, C],
 * [k, k, k, C / groups, O], [O] → [B, D′, H′, W′, O].
 *
 * @param x (B, D, H, W, C)
 * @param weight [kernelDepth, kernelHeight, kernelWidth, C / groups, outChannels]; output channel n sees the channels of its
 *   group ⌊n · groups / outChannels⌋
 * @param bias [outChannels], optional
 * @returns (B, outDepth, outHeight, outWidth, outChannels) with, on each axis,
 *   out = ⌊(in + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1, or ⌈in / stride⌉ if padding is "same"
 * @throws ShapeError if the shapes do not fit together or the kernel is larger than the padded input
 * @throws ArgumentError if an option is no integer in its range
 */
export const conv3d = /* @__PURE__ */ convolution("conv3d", 3);

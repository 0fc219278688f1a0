import { transposedConvolution } from "./functions.js";

/**
 * Transposed convolution of signals, plus a bias: [B, L, C], [k, O / groups, C], [O] → [B, L′, O].
 * It is the gradient of `conv1d` with the same weight and options with respect to its input. PyTorch has its weight as
 * [C, outChannels / groups, kernelLength].
 *
 * @param x (B, L, C)
 * @param weight [kernelLength, outChannels / groups, C]
 * @param bias [outChannels], optional
 * @returns (B, outLength, outChannels) with outLength = (L − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1,
 *   or L·stride if padding is "same"
 * @throws ShapeError if the shapes do not fit together or the output would be empty
 * @throws ArgumentError if an option is no integer in its range, or outputPadding not less than stride or dilation
 */
export const convTranspose1d = /* @__PURE__ */ transposedConvolution("convTranspose1d", 1);

/**
 * Transposed convolution of images, plus a bias: [B, H, W, C], [k, k, O / groups, C], [O] → [B, H′, W′, O].
 * It is the gradient of `conv2d` with the same weight and options with respect to its input. PyTorch has its weight as
 * [C, outChannels / groups, kernelHeight, kernelWidth].
 *
 * @param x (B, H, W, C)
 * @param weight [kernelHeight, kernelWidth, outChannels / groups, C]
 * @param bias [outChannels], optional
 * @returns (B, outHeight, outWidth, outChannels) with, on each axis,
 *   out = (in − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1, or in·stride if padding is "same"
 * @throws ShapeError if the shapes do not fit together or the output would be empty
 * @throws ArgumentError if an option is no integer in its range, or outputPadding not less than stride or dilation
 */
export const convTranspose2d = /* @__PURE__ */ transposedConvolution("convTranspose2d", 2);

/**
 * Transposed convolution of volumes, plus a bias: [B, D, H, W, C], [k, k, k, O / groups, C], [O] → [B, D′, H′, W′, O].
 * It is the gradient of `conv3d` with the same weight and options with respect to its input. PyTorch has its weight as
 * [C, outChannels / groups, kernelDepth, kernelHeight, kernelWidth].
 *
 * @param x (B, D, H, W, C)
 * @param weight [kernelDepth, kernelHeight, kernelWidth, outChannels / groups, C]
 * @param bias [outChannels], optional
 * @returns (B, outDepth, outHeight, outWidth, outChannels) with, on each axis,
 *   out = (in − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1, or in·stride if padding is "same"
 * @throws ShapeError if the shapes do not fit together or the output would be empty
 * @throws ArgumentError if an option is no integer in its range, or outputPadding not less than stride or dilation
 */
export const convTranspose3d = /* @__PURE__ */ transposedConvolution("convTranspose3d", 3);

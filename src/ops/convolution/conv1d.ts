import { convolution } from "./functions.js";
import type { Conv1dOptions } from "./options.js";

/**
 * Convolution (cross-correlation, as everywhere in deep learning) of signals, plus a bias and, if asked, ReLU: [B, L, C],
 * [k, C / groups, O], [O] → [B, L′, O].
 *
 * @param x (B, L, C)
 * @param weight [kernelLength, C / groups, outChannels]; output channel n sees the channels of its group ⌊n · groups / outChannels⌋
 * @param bias [outChannels], optional
 * @returns (B, outLength, outChannels), with outLength = ⌊(L + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1, or
 *   ⌈L / stride⌉ if padding is "same" or "causal"
 * @throws ShapeError if the shapes do not fit together or the kernel is larger than the padded input
 * @throws ArgumentError if an option is no integer in its range
 */
export const conv1d = /* @__PURE__ */ convolution<1, Conv1dOptions>("conv1d", 1);

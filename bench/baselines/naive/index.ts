import type { Kernels } from "../kernels.js";
import * as activations from "./activations.js";
import * as batchNorm from "./batchNorm.js";
import * as conv2d from "./conv2d.js";
import * as depthwiseConv2d from "./depthwiseConv2d.js";
import { gemm } from "./gemm.js";
import * as linear from "./linear.js";
import * as maxPool2d from "./maxPool2d.js";
import * as optimizers from "./optimizers.js";
import { softmaxCrossEntropy } from "./softmaxCrossEntropy.js";

/** Plain loops over typed arrays, each along memory in its order: what a programmer writes who knows how caches work. */
export const naiveKernels: Kernels = {
  gemm,
  softmaxCrossEntropy,
  ...linear,
  ...conv2d,
  ...depthwiseConv2d,
  ...batchNorm,
  ...activations,
  ...maxPool2d,
  ...optimizers,
};

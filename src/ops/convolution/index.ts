export { conv1d } from "./conv1d.js";
export { conv2d } from "./conv2d.js";
export { conv3d } from "./conv3d.js";
export { convTranspose1d, convTranspose2d, convTranspose3d } from "./convTranspose.js";
export { depthwiseConv2d } from "./depthwiseConv2d.js";
export { type Convolution } from "./functions.js";
export {
  type Conv1dOptions,
  type Conv2dOptions,
  type Conv3dOptions,
  type ConvOptions,
  type ConvTransposeOptions,
  type KernelOptions,
} from "./options.js";
export { type Each, type PerAxis, type SpatialRank } from "./perAxis.js";

export * from "./activations.js";
export { batchNorm, type BatchNormOptions } from "./batchNorm.js";
export {
  conv1d,
  type Conv1dOptions,
  conv2d,
  type Conv2dOptions,
  conv3d,
  type Conv3dOptions,
  type ConvolutionOptions,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  type ConvTransposeOptions,
  depthwiseConv2d,
  type DepthwiseConv2dOptions,
  type GroupedOptions,
} from "./convolution.js";
export { dropout, type DropoutOptions } from "./dropout.js";
export { type LayerFactory } from "./factory.js";
export { flatten } from "./flatten.js";
export * as initializers from "./initializers.js";
export { type Initializer } from "./initializers.js";
export { lambda, type StatelessLayer } from "./lambda.js";
export { linear, type LinearOptions } from "./linear.js";
export { maxPool2d, type MaxPool2dOptions } from "./maxPool2d.js";
export { type BuildOptions, type Model } from "./model.js";
export { type Layer, type LayerInputs, type LayerLike, type Scope, type UncalledFactory } from "./scope.js";
export { type StateEntry } from "./stateStore.js";
export { type LayersLike, residual, Sequential, sequential } from "./sequential.js";
export { type Each, type Padding, type PerAxis, type SpatialRank } from "../ops/convolution/perAxis.js";

export { batchNorm, type BatchNormOptions } from "./batchNorm.js";
export { conv2d, type Conv2dOptions } from "./conv2d.js";
export { depthwiseConv2d, type DepthwiseConv2dOptions } from "./depthwiseConv2d.js";
export * as initializers from "./initializers.js";
export { type Initializer } from "./initializers.js";
export { linear, type LinearOptions } from "./linear.js";
export { type BuildOptions, Model } from "./model.js";
export { type Layer, Scope, type StateEntry } from "./scope.js";
export { residual, Sequential, sequential } from "./sequential.js";
export {
  dropout,
  flatten,
  lambda,
  maxPool2d,
  type MaxPool2dOptions,
  relu,
  sigmoid,
  softmax,
  tanh,
} from "./stateless.js";
export { type PerAxis } from "../ops/perAxis.js";

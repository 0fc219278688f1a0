// What layers without state apply. An activation that other operations compose is defined here, by `unaryFunction`.
export { celu, elu, type EluOptions, selu } from "./exponentialUnits.js";
export { geglu, glu, reglu, swiglu } from "./gated.js";
export { gelu, type GeluOptions } from "./gelu.js";
export { logSoftmax } from "./logSoftmax.js";
export { type AxisOptions } from "./oneAxis.js";
export {
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  type HardtanhOptions,
  leakyRelu,
  type LeakyReluOptions,
  relu6,
  type ShrinkOptions,
  softshrink,
  threshold,
  type ThresholdOptions,
} from "./piecewise.js";
export { prelu } from "./prelu.js";
export { relu } from "./relu.js";
export { sigmoid } from "./sigmoid.js";
export { logSigmoid, mish, silu, softplus, type SoftplusOptions, softsign, tanhshrink } from "./smooth.js";
export { softmax, softmin } from "./softmax.js";
export { tanh } from "./tanh.js";

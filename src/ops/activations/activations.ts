// What layers without state apply. An activation that other operations compose is defined here, by `unaryFunction`.
export { gelu, type GeluOptions } from "./gelu.js";
export { logSoftmax } from "./logSoftmax.js";
export { type AxisOptions } from "./oneAxis.js";
export { relu } from "./relu.js";
export { sigmoid } from "./sigmoid.js";
export { softmax, softmin } from "./softmax.js";
export { tanh } from "./tanh.js";

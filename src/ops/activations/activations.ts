// What layers without state apply. A file of a kind of activations exports nothing else, so that one more of the kind is listed nowhere.
export * from "./exponentialUnits.js";
export * from "./gated.js";
export { gelu, type GeluOptions } from "./gelu.js";
export { logSoftmax } from "./logSoftmax.js";
export { type AxisOptions } from "./oneAxis.js";
export * from "./piecewise.js";
export { prelu } from "./prelu.js";
export { relu } from "./relu.js";
export { sigmoid } from "./sigmoid.js";
export * from "./smooth.js";
export { softmax, softmin } from "./softmax.js";
export { tanh } from "./tanh.js";

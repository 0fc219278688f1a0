export { conv2d } from "./conv2d.js";
export { type Conv2dOptions } from "./conv2dOptions.js";
export { depthwiseConv2d } from "./depthwiseConv2d.js";
export { type PerAxis } from "./perAxis.js";

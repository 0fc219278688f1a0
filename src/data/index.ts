export { dataset, type Dataset, type DatasetOptions, slice } from "./dataset.js";
export { type IdxArray, parseIdx, readIdx } from "./idx.js";
export { mnist } from "./mnist.js";

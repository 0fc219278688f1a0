export { type Dataset, slice } from "./dataset.js";
export { parseIdx, readIdx } from "./idx.js";
export { type IdxArray } from "./idxHeader.js";
export { dataset, type DatasetOptions } from "./makeDataset.js";
export { mnist } from "./mnist.js";

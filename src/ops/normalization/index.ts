export { batchNorm, type BatchNormOptions } from "./batchNorm.js";
export { groupNorm, type GroupNormOptions, instanceNorm, type InstanceNormOptions } from "./groupNorm.js";
export { layerNorm } from "./layerNorm.js";
export { localResponseNorm, type LocalResponseNormOptions } from "./localResponseNorm.js";
export { rmsNorm } from "./rmsNorm.js";
export { type RowNormOptions } from "./rowNorm.js";

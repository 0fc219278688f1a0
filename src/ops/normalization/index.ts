export { batchNorm, type BatchNormOptions } from "./batchNorm.js";

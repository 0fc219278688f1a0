export { adagrad, type AdagradOptions } from "./adagrad.js";
export { adam, type AdamOptions } from "./adam.js";
export { type Optimizer, type UpdateGroup } from "./optimizer.js";
export * as schedules from "./schedules.js";
export { type CosineOptions, type Progress, type RunProgress, type Schedule, type StepOptions } from "./schedules.js";
export { sgd, type SgdOptions } from "./sgd.js";

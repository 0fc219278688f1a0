export * from "./adagrad.js";
export * from "./adam.js";
export { type Optimizer, type UpdateGroup } from "./optimizer.js";
export * as schedules from "./schedules.js";
export { type CosineOptions, type Progress, type RunProgress, type Schedule, type StepOptions } from "./schedules.js";
export * from "./sgd.js";

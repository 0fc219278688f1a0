export { type FitOptions } from "./fitOptions.js";
export { type EpochReport, type Evaluation, type StepReport } from "./reports.js";
export { type TrainingRun } from "./run.js";
export { type OnNonFinite } from "./stepGuard.js";
export { type StepResult } from "./stepPrograms.js";
export { type EvaluateOptions, Trainer } from "./trainer.js";
export { type TrainerOptions } from "./trainerOptions.js";

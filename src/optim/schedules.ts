export { type Progress, type RunProgress, type Schedule } from "./schedules/progress.js";
export * from "./schedules/reduceOnPlateau.js";
export * from "./schedules/spans.js";
export * from "./schedules/steps.js";

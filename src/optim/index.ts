export * from "./adagrad.js";
export { adam, type AdamOptions, type AdamRule, adamW, type AdamWOptions, type AdamWRule } from "./adam.js";
export {
  biasesAndNorms,
  type Optimizer,
  type OptimizerOptions,
  type ParameterDescription,
  type ParameterGroupOptions,
  type ParameterMatch,
  type RuleGroup,
} from "./optimizer.js";
export { type Rule, type RuleStep, type StateShapes, type UpdateInputs } from "./rule.js";
export { type Decay } from "./moments.js";
export * as schedules from "./schedules.js";
export {
  type ConstantOptions,
  type CosineOptions,
  type CosineRestartsOptions,
  type InverseSquareRootOptions,
  type LinearOptions,
  type MultiStepOptions,
  type OneCycleOptions,
  type PolynomialOptions,
  type Progress,
  type ReduceOnPlateauOptions,
  type RunProgress,
  type Schedule,
  type StepOptions,
} from "./schedules.js";
export { type Counts } from "./schedules/progress.js";
export * from "./sgd.js";
export { type Clipping, type NamedGradient } from "./clipping.js";

export { adadelta, type AdadeltaOptions, type AdadeltaRule } from "./adadelta.js";
export { adafactor, type AdafactorOptions, type AdafactorRule } from "./adafactor.js";
export { adagrad, type AdagradOptions, type AdagradRule } from "./adagrad.js";
export { adam, type AdamOptions, type AdamRule, adamW, type AdamWOptions, type AdamWRule } from "./adam.js";
export { adamax, type AdamaxOptions } from "./adamax.js";
export { type Clipping, clipByGlobalNorm, clipByLayer, clipByValue, type NamedGradient } from "./clipping.js";
export { custom } from "./custom.js";
export { lamb, type LambOptions } from "./lamb.js";
export * from "./lion.js";
export { type Decay, type MomentRule } from "./moments.js";
export { muon, type MuonOptions, type MuonRule } from "./muon.js";
export { nadam, type NadamOptions, type NadamRule } from "./nadam.js";
export {
  biasesAndNorms,
  type Optimizer,
  type OptimizerOptions,
  type ParameterDescription,
  type ParameterGroupOptions,
  type ParameterMatch,
  type RuleGroup,
} from "./optimizer.js";
export { radam, type RadamOptions } from "./radam.js";
export { rmsprop, type RmspropOptions, type RmspropRule } from "./rmsprop.js";
export { type Rule, rule, type RuleStep, type StateShapes, type UpdateInputs } from "./rule.js";
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
  type SpanOptions,
  type StepOptions,
} from "./schedules.js";
export { type Counts } from "./schedules/progress.js";
export { sgd, type SgdOptions, type SgdRule } from "./sgd.js";
export { lookahead, type LookaheadOptions, movingAverage, type MovingAverageOptions } from "./wrappers.js";

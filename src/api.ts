// The public API but for createEngine, which each entry point has with its own builds of the kernels.
export {
  ArgumentError,
  type Engine,
  type EngineInfo,
  type EngineOptions,
  FormatError,
  KernelError,
  MemoryError,
  NonFiniteError,
  ShapeError,
  StateError,
  WasmgradError,
} from "./engine/index.js";
export {
  compile,
  type CompiledFunction,
  type CompileOptions,
  type Computed,
  type DisposableFunction,
  type ExplainedRecord,
  type Explanation,
  type Firing,
  type FunctionArgument,
  type FunctionArguments,
  type FunctionOptions,
  type FunctionResult,
  type GradientFunction,
  type GradientOptions,
  Graph,
  gradients,
  Program,
  type SectionName,
  type Shape,
  type Value,
  valueAndGradient,
  type ValueAndGradient,
} from "./graph/index.js";
export * as data from "./data/index.js";
export { type Dataset } from "./data/index.js";
export * as losses from "./losses/index.js";
export * as nn from "./layers/index.js";
export { type Layer, type Model } from "./layers/index.js";
export * as safetensors from "./formats/safetensors.js";
export * as ops from "./ops/index.js";
export * as optim from "./optim/index.js";
export * from "./training/index.js";
export * from "./remote/index.js";
export type * from "./types.js";

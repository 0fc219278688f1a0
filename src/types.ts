// Names for the types that signatures of the public API refer to, beyond those that stand in api.ts. Types cost a bundle nothing.
export type { Allocator, Block } from "./engine/allocator.js";
export type {
  AsyncDisposableObject,
  DisposableObject,
  Disposes,
  DisposesAsync,
  SymbolNamed,
} from "./engine/disposable.js";
export type { EngineComponents } from "./engine/engine.js";
export type { Belongings, Holdings } from "./engine/holding.js";
export type { HostCalls } from "./engine/hostCalls.js";
export type { KernelExports, Records } from "./engine/kernels.js";
export type { FieldKinds, FieldValues, KernelFields } from "./engine/program.js";
export type { WorkerTask } from "./engine/worker.js";
export type { Team } from "./engine/team.js";
export type {
  AsyncDisposableBase,
  BuildName,
  Bytes,
  DisposableBase,
  Holding,
  HostCall,
  KernelName,
  LinearMemory,
  NestedNumbers,
  Numbers,
  Placed,
  Random,
  Tensor,
  TypedNumbers,
} from "./engine/index.js";
export type { Wanted } from "./graph/arrange.js";
export type { Origin, RecordFields } from "./graph/node.js";
export type { Buffer, DataType, Emitter, Pointer, Scalars, ValueGraph } from "./graph/index.js";
export type { Inputs, Targets } from "./data/dataset.js";
export type { MnistFiles } from "./data/mnist.js";
export type { FilePath, FileSource } from "./io/index.js";
export type { MayBeLeftOut } from "./layers/factory.js";
export type { PredictOptions } from "./layers/model.js";
export type { Position } from "./layers/scope.js";
export type { StateStore } from "./layers/stateStore.js";
export type { NoOptions } from "./losses/loss.js";
export type { LearningRateOptions } from "./optim/optimizer.js";
export type { ReportLoop, RunControl } from "./training/run.js";
export type { Inputs as PredictInputs } from "./remote/protocol.js";
export type { BatchResult } from "./training/stepPrograms.js";

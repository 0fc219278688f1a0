// Names for the types that signatures of the public API refer to, beyond those that stand in api.ts. Types cost a bundle nothing.
export type { Allocator, Block } from "./engine/allocator.js";
export type { Reclaimable } from "./engine/caches.js";
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
export type { KernelExports } from "./engine/kernels.js";
export type { FieldKinds, FieldValues, KernelFields, Kernels, TypeOf } from "./engine/program.js";
export type { WorkerTask } from "./engine/worker.js";
export type { Team } from "./engine/team.js";
export type {
  Arena,
  AsyncDisposableBase,
  BuildName,
  Bytes,
  Caches,
  DisposableBase,
  Holding,
  HostCall,
  KernelCall,
  KernelName,
  LinearMemory,
  LinkedProgram,
  NestedNumbers,
  Numbers,
  Placed,
  Random,
  Reader,
  Tensor,
  TypedNumbers,
} from "./engine/index.js";
export type { Wanted } from "./graph/arrange.js";
export type { AnyInputs, Assignment, Origin, RecordFields, Specification } from "./graph/node.js";
export type {
  AnyOperation,
  Buffer,
  DataType,
  Emitter,
  MemoryPlan,
  Node,
  Placement,
  Pointer,
  Replacement,
  Rule,
  Scalars,
  Section,
  Sighting,
  Surroundings,
  ValueGraph,
} from "./graph/index.js";
export type { Inputs, Targets } from "./data/dataset.js";
export type { MnistFiles } from "./data/mnist.js";
export type { FilePath, FileSource } from "./io/index.js";
export type { Hold } from "./layers/hold.js";
export type { MayBeLeftOut } from "./layers/factory.js";
export type { ParameterGroup, PredictOptions } from "./layers/model.js";
export type { Position } from "./layers/scope.js";
export type { StateStore } from "./layers/stateStore.js";
export type { NoOptions } from "./losses/index.js";
export type { LearningRateOptions } from "./optim/optimizer.js";
export type { ReportLoop, RunControl } from "./training/run.js";
export type { Inputs as PredictInputs } from "./remote/protocol.js";
export type { BatchResult } from "./training/stepPrograms.js";

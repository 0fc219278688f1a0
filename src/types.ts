// Names for the types that signatures of the public API refer to, beyond those that stand in api.ts. Types cost a bundle nothing.
export type { Allocator, Block } from "./engine/allocator.js";
export type { AsyncDisposableObject, DisposableObject, DisposesAsync, SymbolNamed } from "./engine/disposable.js";
export type { Records } from "./engine/recordLayouts.js";
export type { FieldKinds, FieldValues, KernelFields } from "./engine/program.js";
export type {
  AsyncDisposableBase,
  BuildName,
  Bytes,
  DisposableBase,
  Disposes,
  KernelName,
  LinearMemory,
  NestedNumbers,
  Numbers,
  Placed,
  Random,
  RecordWork,
  Tensor,
  TypedNumbers,
} from "./engine/index.js";
export type { Wanted } from "./graph/arrange.js";
export type { MemoryRange, DataType, Emitter, Numeric, Pointer, Scalars, Strided, ValueGraph } from "./graph/index.js";
export type { RecordFields } from "./graph/node.js";
export type { Inputs, Targets } from "./data/dataset.js";
export type { MnistFiles } from "./data/mnist.js";
export type { FilePath, FileSource } from "./io/index.js";
export type { MayBeLeftOut } from "./layers/factory.js";
export type { PredictOptions } from "./layers/model.js";
export type { OptimizerOptions } from "./optim/optimizer.js";
export type { Inputs as PredictInputs } from "./remote/protocol.js";
export type { BatchResult } from "./training/stepPrograms.js";

export { alignUp, type Block, blockAlignment } from "./allocator.js";
export { Arena } from "./arena.js";
export { type Bytes, bytesOf, numbersOf, typedArrayKind, type TypedNumbers } from "./arrays.js";
export { type Caches, type Reclaimable } from "./caches.js";
export { createEngineFrom, type EngineOptions } from "./create.js";
export { applyDelta } from "./delta.js";
export { addSymbol, AsyncDisposableBase, DisposableBase, type Disposes } from "./disposable.js";
export { Engine, type EngineInfo } from "./engine.js";
export * from "./errors.js";
export { excerpt, excerptOfShape } from "./excerpt.js";
export { decompressed, nodeModule } from "./host.js";
export { Holding } from "./holding.js";
export { type HostCall } from "./hostCalls.js";
export { LinearMemory } from "./memory.js";
export {
  checkNesting,
  floatsOf,
  integersOf,
  type NestedNumbers,
  type Numbers,
  samplesOf,
  type Taken,
  type Tensor,
  takeFloats,
  takeIntegers,
} from "./numbers.js";
export {
  type FieldValues,
  kernelCall,
  type KernelCall,
  type KernelName,
  LinkedProgram,
  type Placed,
  type RecordWork,
} from "./program.js";
export {
  checkBoolean,
  checkFunction,
  checkOptions,
  checkText,
  flag,
  functionLike,
  integerFrom,
  nearestName,
  numberBelow,
  numberFrom,
  oneOf,
  optional,
  type OptionsRead,
  type Reader,
  type Readers,
  readOptions,
  spelledOut,
  unread,
} from "./options.js";
export { Random } from "./random.js";
export { show } from "./show.js";
export { type BuildName, constants, type KernelSources, probeHost } from "./builds.js";
export { halfBits, halfValue } from "./half.js";
export { type InstructionName, opcodeOf } from "./instructions.js";

export { Arena } from "./arena.js";
export * from "./engine.js";
export * from "./errors.js";
export { alignUp, blockAlignment, type Block, LinearMemory } from "./memory.js";
export {
  type FieldValues,
  kernelCall,
  type KernelCall,
  type KernelName,
  LinkedProgram,
  type Placed,
} from "./program.js";
export { Random } from "./random.js";
export { type BuildName, probeHost } from "./builds.js";

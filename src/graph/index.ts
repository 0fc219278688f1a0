export { Buffer } from "./buffer.js";
export { checkShape, formatShape, type Shape, showShape, sizeOf } from "./shape.js";
export { type DataType, formatValue, Value } from "./value.js";
export { gradients, gradientsOf, onesLike } from "./gradients.js";
export { Graph, inputsOf, type Node, outputOf } from "./graph.js";
export {
  type AnyOperation,
  type Application,
  define,
  type Definition,
  type Emitter,
  type Inputs,
  type Operation,
  type Pointer,
} from "./operation.js";
export { type Replacement, type Rule, type Surroundings } from "./rewrite.js";
export { checkEqualShapes } from "./equalShapes.js";
export { addOperation, copyOperation } from "./primitives.js";
export { type MemoryPlan, type Placement, planMemory } from "./planner.js";
export { type Sighting } from "./lowering.js";
export { type CompileOptions, Program, type Section } from "./program.js";
export { ProgramCache } from "./programCache.js";
export { Scalars } from "./scalars.js";

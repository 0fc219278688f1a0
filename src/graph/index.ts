export { Buffer } from "./buffer.js";
export { type Fused, fuse, type FusionRule } from "./fusion.js";
export { type Emitter, type Node, type Operation } from "./graph.js";
export { type MemoryPlan, type Placement, planMemory } from "./planner.js";
export { type CompileOptions, Program, type Section } from "./program.js";
export { ProgramCache } from "./programCache.js";
export { Scalars } from "./scalars.js";
export { type DataType, checkValues, formatValue, Graph, Value } from "./graph.js";
export { checkShape, formatShape, type Shape, showShape, sizeOf } from "./shape.js";

export { MemoryRange } from "./memoryRange.js";
export { checkShape, formatShape, type Shape, showShape, sizeOf } from "./shape.js";
export { type ExplainedRecord, type Explanation, type Section, type SectionName } from "./explain.js";
export { bytesOf, flopsOf } from "./recordWork.js";
export { type Firing } from "./rewrite.js";
export { Graph } from "./graph.js";
export { compile, type CompiledFunction, type Computed, type FunctionOptions, type FunctionResult } from "./compile.js";
export { type FunctionArgument } from "./functionArgument.js";
export { type DisposableFunction, type FunctionArguments } from "./tracedFunction.js";
export {
  type GradientFunction,
  type GradientOptions,
  valueAndGradient,
  type ValueAndGradient,
} from "./valueAndGradient.js";
export {
  type AnyOperation,
  type Emitter,
  type Instruction,
  type Operand,
  type Reduction,
  type Scalar,
  type Words,
  checkValues,
  formatValue,
  inputsOf,
  type Node,
  outputOf,
  type Pointer,
  type Replacement,
  type Rule,
  type Specification,
  type Surroundings,
  type ValueGraph,
  Value,
} from "./node.js";
export { bytesOfType, checkDataType, type DataType, dataTypes, isFloating, titleOfType } from "./dataType.js";
export {
  broadcastStrides,
  coalesce,
  denseStrides,
  isDense,
  reshapedStrides,
  type Run,
  type Strided,
} from "./layout.js";
export { emitStridedCopy } from "./stridedCopy.js";
export { type Application, define, type Definition, type Inputs, type Operation } from "./operation.js";
export { gradients, gradientsOf, onesLike } from "./gradients.js";
export { checkEngine } from "./checkEngine.js";
export { checkEqualShapes } from "./equalShapes.js";
export * from "./primitives/index.js";
export { broadcastShape, broadcastsTo } from "./broadcast.js";
export { arithmeticResult, arithmeticType, isInteger, type Numeric, numericOperands } from "./arithmetic.js";
export { axesOf, axesReader, axisOf, keptShape, overAxes, reducedShape, reductionOptions } from "./reduce/axes.js";
export { type MemoryPlan, type Placement, planMemory } from "./planner.js";
export { type Sighting } from "./lowering.js";
export { type CompileOptions, type InputRecords, Program } from "./program.js";
export { ProgramCache } from "./programCache.js";
export { Scalars } from "./scalars.js";
export { bitsOf, float, integer } from "./pointwise/instruction.js";
export { type InstructionName } from "../engine/index.js";

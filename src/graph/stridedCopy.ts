import type { DataType } from "./dataType.js";
import type { Strided } from "./layout.js";
import type { MemoryRange } from "./memoryRange.js";
import type { Emitter } from "./node.js";
import { PointwiseCode } from "./pointwise/code.js";
import type { Shape } from "./shape.js";

/** Emits the record that copies the elements of a value of `shape` from where they lie to memory in which they are dense. */
export function emitDenseCopy(emit: Emitter, from: Strided, to: MemoryRange, shape: Shape, dataType: DataType): void {
  emit.record("pointwise", PointwiseCode.copying(emit, from, to, shape, dataType));
}

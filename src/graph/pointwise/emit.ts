import type { RecordWork } from "../../engine/index.js";
import type { Emitter, Node, Value } from "../node.js";
import { type Shape, sizeOf } from "../shape.js";
import { PointwiseCode } from "./code.js";
import { readFromMemory } from "./instruction.js";

/**
 * Emits the record that executes elementwise nodes, whose outputs all have `shape`, and writes `stored`, some of their outputs.
 */
export function emitPointwise(emit: Emitter, nodes: readonly Node[], stored: ReadonlySet<Value>, shape: Shape): void {
  const code = new PointwiseCode(emit, nodes, stored, shape);
  emit.record("pointwise", code.fields(), workOf(nodes, code, stored, nodes.length * sizeOf(shape)));
}

/**
 * What the record of a program does: its bytes are those of the arrays that it reads and writes.
 * @param operations floating-point ones, if none is expensive
 */
export function workOf(
  nodes: readonly Node[],
  { text }: PointwiseCode,
  arrays: Iterable<Value>,
  operations: number,
): RecordWork {
  const bytes = [...new Set([...readFromMemory(nodes).values, ...arrays])].reduce((sum, value) => sum + value.bytes, 0);
  const areCheap = nodes.every(({ operation }) => !operation.isExpensive);
  return { bytes, flops: areCheap ? operations : undefined, instructions: text };
}

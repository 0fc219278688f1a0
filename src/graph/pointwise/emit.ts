import type { RecordWork } from "../../engine/index.js";
import { type Emitter, inputsOf, type Node, outputOf, type Value } from "../node.js";
import { type Shape, sizeOf } from "../shape.js";
import { PointwiseCode } from "./code.js";

/**
 * Emits the record that executes elementwise nodes, whose outputs all have `shape`, and writes `stored`, some of their outputs.
 */
export function emitPointwise(emit: Emitter, nodes: readonly Node[], stored: ReadonlySet<Value>, shape: Shape): void {
  const code = new PointwiseCode(emit, nodes, stored, shape);
  emit.record("pointwise", code.fields(), workOf(nodes, code, stored, sizeOf(shape)));
}

/** What the record of a program does: its bytes are those of the arrays that it reads and writes. */
export function workOf(
  nodes: readonly Node[],
  { text }: PointwiseCode,
  stored: ReadonlySet<Value>,
  count: number,
): RecordWork {
  const computed = new Set(nodes.map(outputOf));
  const read = new Set(
    nodes.flatMap(inputsOf).filter((input) => !computed.has(input) && typeof input.constant !== "number"),
  );
  const bytes = [...read, ...stored].reduce((sum, value) => sum + value.bytes, 0);
  const areCheap = nodes.every(({ operation }) => !operation.isExpensive);
  return { bytes, flops: areCheap ? nodes.length * count : undefined, instructions: text };
}

import { inputsOf, type Node, Value } from "./node.js";
import type { MemoryRange } from "./memoryRange.js";
import { copyOperation } from "./primitives/index.js";
import { formatShape } from "./shape.js";

/**
 * Has pointwise programs write the new contents of state where the old ones lie, instead of a copy at the end. A program may do so
 * if no node after it reads the old contents, and it reads them itself only at the places that it writes.
 * @param nodes in the order of their execution
 * @param places where values are computed; changed for those that move
 * @returns the nodes without copies that are not needed
 */
export function writeInPlace(nodes: readonly Node[], places: Map<Value, MemoryRange | Value>): readonly Node[] {
  const producers = new Map<Value, number>();
  /** The value whose memory a view is elements of. */
  const roots = new Map<Value, Value>();
  const readers = new Map<Value, { readonly at: number; readonly value: Value }[]>();
  nodes.forEach((node, at) => {
    for (const value of inputsOf(node)) {
      const root = roots.get(value) ?? value;
      if (node.operation.isView) for (const output of Object.values(node.outputs)) roots.set(output, root);
      else readers.set(root, [...(readers.get(root) ?? []), { at, value }]);
    }
    for (const output of Object.values(node.outputs)) producers.set(output, at);
  });
  const gone = new Set<Node>();
  for (const [copied, state] of [...places]) {
    const copy = nodes[producers.get(copied) ?? -1];
    if (!(state instanceof Value) || !copyOperation.made(copy)) continue;
    const { x } = copy.inputs;
    const producer = producers.get(x) ?? -1;
    const isAlike = x.dataType === state.dataType && formatShape(x.shape) === formatShape(state.shape);
    if (!nodes[producer]?.operation.isProgram || places.has(x) || !isAlike) continue;
    const isFree = (readers.get(state) ?? []).every(({ at, value }) => {
      return at < producer || (at === producer && value === state);
    });
    if (!isFree) continue;
    places.delete(copied);
    places.set(x, state);
    gone.add(copy);
  }
  return nodes.filter((node) => !gone.has(node));
}

import { type Node, type Operation } from "./graph.js";
import { type Graph, type Value } from "./graph.js";

/** What a consumer and the producer of its first input become together; its inputs are those of both. */
export interface Fused {
  readonly operation: Operation;
  readonly attributes: unknown;
}

/**
 * Says whether `consumer`, whose first input is computed by `producer` for it alone, can be computed in one operation
 * with it, and by which.
 */
export type FusionRule = (producer: Node, consumer: Node) => Fused | undefined;

/**
 * The nodes of a graph that `outputs` need, after the first rule that matches was applied to each pair of neighbours,
 * again until none matches. A value that is kept (an output) is never fused away.
 */
export function fuse(graph: Graph, outputs: readonly Value[], rules: readonly FusionRule[]): readonly Node[] {
  const nodes = reachable(graph.nodes, outputs);
  const producers = new Map<Value, Node>(nodes.map((node) => [node.output, node]));
  const uses = new Map<Value, number>();
  for (const value of [...outputs, ...nodes.flatMap((node) => node.inputs)]) {
    uses.set(value, (uses.get(value) ?? 0) + 1);
  }
  const result: Node[] = [];
  for (let node of nodes) {
    for (;;) {
      const [first, ...others] = node.inputs;
      const producer = first && producers.get(first);
      if (!producer || uses.get(first) !== 1) break;
      const consumer = node;
      const fused = rules.map((rule) => rule(producer, consumer)).find((match) => match !== undefined);
      if (!fused) break;
      result.splice(result.indexOf(producer), 1);
      producers.delete(first);
      node = {
        ...fused,
        inputs: [...producer.inputs, ...others],
        output: consumer.output,
        source: `${producer.source} + ${consumer.source}`,
      };
      producers.set(node.output, node);
    }
    result.push(node);
  }
  return result;
}

/** The nodes that `outputs` depend on, in their order. */
function reachable(nodes: readonly Node[], outputs: readonly Value[]): Node[] {
  const needed = new Set<Value>(outputs);
  const result: Node[] = [];
  for (const node of [...nodes].reverse()) {
    if (!needed.has(node.output)) continue;
    result.push(node);
    for (const input of node.inputs) needed.add(input);
  }
  return result.reverse();
}

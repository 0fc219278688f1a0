import type { Node, Operation } from "./graph.js";
import type { Graph, Value } from "./graph.js";

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
 * The nodes of a graph that `outputs` need, after every rule in turn was applied to all pairs of neighbours: the order of
 * the rules decides between fusions that exclude each other. A value that is kept (an output) is never fused away.
 */
export function fuse(graph: Graph, outputs: readonly Value[], rules: readonly FusionRule[]): readonly Node[] {
  return rules.reduce((nodes, rule) => applyRule(rule, nodes, outputs), reachable(graph.nodes, outputs));
}

function applyRule(rule: FusionRule, nodes: readonly Node[], outputs: readonly Value[]): Node[] {
  const uses = new Map<Value, number>();
  for (const value of [...outputs, ...nodes.flatMap((node) => node.inputs)]) {
    uses.set(value, (uses.get(value) ?? 0) + 1);
  }
  const producers = new Map<Value, Node>();
  const kept = new Set<Node>();
  for (const consumer of nodes) {
    const [first, ...others] = consumer.inputs;
    const producer = first && producers.get(first);
    const fused = producer && uses.get(first) === 1 ? rule(producer, consumer) : undefined;
    let node = consumer;
    if (producer && fused) {
      kept.delete(producer);
      const source = `${producer.source} + ${consumer.source}`;
      node = { ...fused, inputs: [...producer.inputs, ...others], output: consumer.output, source };
    }
    kept.add(node);
    producers.set(node.output, node);
  }
  return [...kept];
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

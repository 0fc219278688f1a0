import { inputsOf, type Node, type Rule, type Surroundings, type Value, type ValueGraph } from "./node.js";

/** The rules of the operations present, in the order they are applied. */
export function rulesOf(nodes: readonly Node[]): readonly Rule[] {
  const rules = new Set(nodes.flatMap((node) => node.operation.rules));
  return [...rules].sort((a, b) => a.phase - b.phase);
}

/** `nodes` after every rule in turn was applied everywhere. The values in `roots` stay. */
export function rewrite(
  graph: ValueGraph,
  nodes: readonly Node[],
  roots: Iterable<Value>,
  rules: readonly Rule[],
): readonly Node[] {
  const kept = [...roots];
  return rules.reduce((sofar, rule) => applyRule(graph, rule, sofar, kept), nodes);
}

function applyRule(graph: ValueGraph, rule: Rule, nodes: readonly Node[], roots: readonly Value[]): readonly Node[] {
  const uses = new Map<Value, number>();
  for (const value of [...roots, ...nodes.flatMap(inputsOf)]) uses.set(value, (uses.get(value) ?? 0) + 1);
  const producers = new Map<Value, Node>();
  const around: Surroundings = {
    producerOf: (value) => value && producers.get(value),
    onlyProducerOf: (value) => (value && uses.get(value) === 1 ? producers.get(value) : undefined),
  };
  const result = new Set<Node>();
  for (const node of nodes) {
    const replacement = rule.rewrite(node, around);
    let now = node;
    if (replacement) {
      const { operation, inputs, attributes, outputs, absorbs } = replacement;
      for (const absorbed of absorbs) result.delete(absorbed);
      const source = [...absorbs, node].map((part) => part.source).join(" + ");
      now = graph.node(operation, inputs, attributes, source, outputs);
    }
    result.add(now);
    for (const output of Object.values(now.outputs)) producers.set(output, now);
  }
  return [...result];
}

/** The nodes that `roots` depend on, in their order. `follow` says which inputs of a node count. */
export function reachable(
  nodes: readonly Node[],
  roots: Iterable<Value>,
  follow: (node: Node) => readonly Value[] = inputsOf,
): readonly Node[] {
  const needed = new Set<Value>(roots);
  const result: Node[] = [];
  for (const node of [...nodes].reverse()) {
    if (!Object.values(node.outputs).some((output) => needed.has(output))) continue;
    result.push(node);
    for (const input of follow(node)) needed.add(input);
  }
  return result.reverse();
}

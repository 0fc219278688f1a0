import { type Graph, inputsOf, type Node } from "./graph.js";
import type { AnyInputs, AnyOperation } from "./operation.js";
import type { Value } from "./value.js";

/** What a rule knows of the nodes around the one it looks at. */
export interface Surroundings {
  /** The node that computes a value, if one does. */
  readonly producerOf: (value: Value | undefined) => Node | undefined;
  /** The same if nothing else uses the value, so that it need not be computed. */
  readonly onlyProducerOf: (value: Value | undefined) => Node | undefined;
}

/** One node in the place of some. */
export interface Replacement {
  readonly operation: AnyOperation;
  readonly inputs: AnyInputs;
  readonly attributes: unknown;
  /** Values that the new node computes from now on, by the names of its outputs. Others are new. */
  readonly outputs: Readonly<Record<string, Value>>;
  /** Nodes before the one looked at that go with it. */
  readonly absorbs: readonly Node[];
}

/** A fusion of neighbouring nodes, kept beside the operation that knows it. */
export interface Rule {
  readonly name: string;
  /** Rules of a lower phase are applied everywhere before those of a higher one: fusions may exclude each other. */
  readonly phase: number;
  /** What a node becomes together with nodes before it; undefined if the rule does not fit. */
  rewrite(node: Node, around: Surroundings): Replacement | undefined;
}

/** The rules of the operations present, in the order they are applied. */
export function rulesOf(nodes: readonly Node[]): readonly Rule[] {
  const rules = new Set(nodes.flatMap((node) => node.operation.rules));
  return [...rules].sort((a, b) => a.phase - b.phase);
}

/** `nodes` after every rule in turn was applied everywhere. The values in `roots` stay. */
export function rewrite(
  graph: Graph,
  nodes: readonly Node[],
  roots: Iterable<Value>,
  rules: readonly Rule[],
): readonly Node[] {
  const kept = [...roots];
  return rules.reduce((sofar, rule) => applyRule(graph, rule, sofar, kept), nodes);
}

function applyRule(graph: Graph, rule: Rule, nodes: readonly Node[], roots: readonly Value[]): readonly Node[] {
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

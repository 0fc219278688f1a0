import type { FixedValues } from "./fixedValues.js";
import {
  inputsOf,
  type Node,
  type Replacement,
  type Rule,
  type Surroundings,
  type Value,
  type ValueGraph,
} from "./node.js";

/** The rules of the operations present, in the order they are applied: those before differentiation, or after it. */
export function rulesOf(nodes: readonly Node[], areLate = false): readonly Rule[] {
  const rules = [...new Set(nodes.flatMap((node) => node.operation.rules))];
  return rules.filter(({ isLate = false }) => isLate === areLate).sort((a, b) => a.phase - b.phase);
}

/** How often a rule fired, and how many nodes there were before and after. */
export interface Firing {
  readonly rule: string;
  readonly times: number;
  readonly before: number;
  readonly after: number;
}

/**
 * `nodes` after every rule in turn was applied everywhere. The values in `roots` stay.
 * @param fixed which values follow from state and constants alone, if the program changes no state
 * @param log is told of the rules that fired
 */
export function rewrite(
  graph: ValueGraph,
  nodes: readonly Node[],
  roots: Iterable<Value>,
  rules: readonly Rule[],
  fixed?: FixedValues,
  log: Firing[] = [],
): readonly Node[] {
  const kept = [...roots];
  return rules.reduce((sofar, rule) => applyRule(graph, rule, sofar, kept, fixed, log), nodes);
}

function applyRule(
  graph: ValueGraph,
  rule: Rule,
  nodes: readonly Node[],
  roots: readonly Value[],
  fixed: FixedValues | undefined,
  log: Firing[],
): readonly Node[] {
  const uses = new Map<Value, number>();
  for (const value of [...roots, ...nodes.flatMap(inputsOf)]) uses.set(value, (uses.get(value) ?? 0) + 1);
  const producers = new Map<Value, Node>();
  const producerOf = (value: Value | undefined): Node | undefined => value && producers.get(value);
  const around: Surroundings = {
    producerOf,
    onlyProducerOf: (value) => (value && uses.get(value) === 1 ? producers.get(value) : undefined),
    isFixed: (value) => value !== undefined && fixed !== undefined && fixed.has(value, producerOf),
  };
  // What stands where each of `nodes` stood.
  const places: (readonly Node[])[] = [];
  const placeOf = new Map<Node, number>();
  const put = (place: number, standing: readonly Node[]): void => {
    places[place] = standing;
    for (const node of standing) {
      placeOf.set(node, place);
      for (const output of Object.values(node.outputs)) producers.set(output, node);
    }
  };
  let times = 0;
  nodes.forEach((node, last) => {
    put(last, [node]);
    let replacement: Replacement | undefined;
    const made = graph.collect(node.source, () => (replacement = rule.rewrite(node, around)));
    if (!replacement) return;
    const { operation, inputs, attributes, outputs, absorbs } = replacement;
    const gone = [...absorbs, node];
    // Usually that of the last one. A value that a node between them reads must be computed where it was.
    const place = Math.min(
      last,
      ...absorbs.flatMap((absorbed) => {
        const from = placeOf.get(absorbed)!;
        const moved = Object.values(absorbed.outputs).filter((output) => Object.values(outputs).includes(output));
        const between = places.slice(from + 1, last).flat();
        const isRead = between.some((other) => !gone.includes(other) && inputsOf(other).some((x) => moved.includes(x)));
        return isRead ? [from] : [];
      }),
    );
    const source = gone.map((part) => part.source).join(" + ");
    const standing = [...made, graph.node(operation, inputs, attributes, source, outputs)];
    const isComputedBefore = (value: Value): boolean => {
      const producer = producers.get(value);
      return !producer || (placeOf.get(producer) ?? 0) < place || made.includes(producer);
    };
    if (place < last && !standing.flatMap(inputsOf).every(isComputedBefore)) return;
    for (const absorbed of gone) {
      const from = placeOf.get(absorbed)!;
      places[from] = places[from]!.filter((other) => other !== absorbed);
    }
    put(place, [...(places[place] ?? []), ...standing]);
    times++;
  });
  const result = places.flat();
  if (times > 0) log.push({ rule: rule.name, times, before: nodes.length, after: result.length });
  return result;
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

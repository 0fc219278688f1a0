import type { FixedValues } from "./fixedValues.js";
import { inputsOf, type Node, type Rule, type Surroundings, type Value, type ValueGraph } from "./node.js";

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
  const useful = fixed ? rules : rules.filter(({ isForInference }) => !isForInference);
  return useful.reduce((sofar, rule) => applyRule(graph, rule, sofar, kept, fixed, log), nodes);
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
  const setProducer = (node: Node): void => {
    for (const name of node.operation.outputNames) producers.set(node.outputs[name]!, node);
  };
  // What stands where each of `nodes` stood.
  const places: (readonly Node[])[] = [];
  let times = 0;
  for (const node of nodes) {
    places.push([node]);
    setProducer(node);
    const replacement = rule.rewrite(node, around);
    if (!replacement) continue;
    const { operation, inputs, attributes, outputs, absorbs, makes = [] } = replacement;
    const gone = [...absorbs, node];
    const source = gone.map((part) => part.source).join(" + ");
    const standing = [...makes, graph.node(operation, inputs, attributes, source, outputs)];
    const place = placeFor(places, standing, gone);
    if (place === undefined) continue;
    for (const absorbed of gone) {
      const from = placeOf(places, absorbed);
      places[from] = places[from]!.filter((other) => other !== absorbed);
    }
    places[place] = [...places[place]!, ...standing];
    standing.forEach(setProducer);
    times++;
  }
  const result = places.flat();
  if (times > 0) log.push({ rule: rule.name, times, before: nodes.length, after: result.length });
  return result;
}

function placeOf(places: readonly (readonly Node[])[], node: Node): number {
  let place = places.length - 1;
  while (!places[place]!.includes(node)) place--;
  return place;
}

/**
 * Where nodes that replace others stand: usually where the last of those did. But an output of one of them that is read between
 * them must be computed where it was; undefined if the new nodes read what is computed later.
 */
function placeFor(
  places: readonly (readonly Node[])[],
  standing: readonly Node[],
  gone: readonly Node[],
): number | undefined {
  const last = places.length - 1;
  const computed = new Set(Object.values(standing.at(-1)!.outputs));
  const place = gone.reduce((sofar, node) => {
    const from = placeOf(places, node);
    const moved = Object.values(node.outputs).filter((output) => computed.has(output));
    const between = places.slice(from + 1).flat();
    const isRead = between.some((other) => !gone.includes(other) && inputsOf(other).some((x) => moved.includes(x)));
    return isRead ? Math.min(sofar, from) : sofar;
  }, last);
  if (place === last) return place;
  const after = places.slice(place + 1).flat();
  const later = new Set(after.filter((node) => !gone.includes(node)).flatMap(({ outputs }) => Object.values(outputs)));
  return standing.flatMap(inputsOf).some((input) => later.has(input)) ? undefined : place;
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

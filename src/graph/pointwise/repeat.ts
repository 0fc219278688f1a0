import { type AnyInputs, inputsOf, type Node, outputOf, type Value, type ValueGraph } from "../node.js";
import { fitsRecord, type Unit } from "./units.js";

/**
 * Has units of later lists compute again what they read of elementwise units of earlier ones, where that is cheap and keeps fewer
 * bytes.
 * @param lists units in their order
 * @param stored the outputs of each unit that are written to memory; changed
 * @param kept values that are read after the last unit
 */
export function repeatWhatIsCheap(
  graph: ValueGraph,
  lists: readonly (readonly Unit[])[],
  stored: Map<Unit, readonly Value[]>,
  kept: readonly Value[],
): void {
  const place = new Map(lists.flatMap((units, list) => units.map((unit) => [unit, list] as const)));
  const readers = new Map<Value, Unit[]>();
  for (const unit of lists.flat()) {
    for (const input of unit.inputs) readers.set(input, [...(readers.get(input) ?? []), unit]);
  }
  const roots = new Set(kept);
  for (const unit of lists.flat()) {
    if (!unit.isPointwise) continue;
    const list = place.get(unit)!;
    const isLate = (reader: Unit): boolean => place.get(reader)! > list;
    // What only elementwise units of the same shape read, and only later.
    const candidates = stored.get(unit)!.filter((value) => {
      const all = readers.get(value) ?? [];
      const areFit = all.every((reader) => isLate(reader) && reader.isPointwise && reader.shape === unit.shape);
      return !roots.has(value) && all.length > 0 && areFit && value !== (unit.reduction && outputOf(unit.reduction));
    });
    const others = new Set(stored.get(unit)!.filter((value) => !candidates.includes(value)));
    const isKept = (value: Value): boolean => isFree(value) || (readers.get(value) ?? []).some(isLate);
    const plan = planOf(unit, candidates, others, isKept);
    if (!plan) continue;
    const users = new Set(candidates.flatMap((value) => readers.get(value) ?? []));
    const repeats = [...users].map((user) => ({ user, ...copiesOf(graph, plan.repeated) }));
    const fits = repeats.every(({ user, copies, rename }) => {
      return fitsRecord([...copies, ...user.nodes.map(rename)], stored.get(user)!);
    });
    if (!fits) continue;
    for (const { user, copies, rename } of repeats) user.repeat(copies, rename);
    stored.set(unit, [...others, ...plan.saved]);
  }
}

/** Memory that is there whether or not something reads it: state, inputs, constants; and a few numbers. */
function isFree({ storage, constant, size }: Value): boolean {
  return storage !== undefined || constant !== undefined || size <= 1;
}

/** What is written to memory and what is computed again in the place of `candidates`; undefined if that keeps more bytes. */
function planOf(
  { nodes }: Unit,
  candidates: readonly Value[],
  others: ReadonlySet<Value>,
  isKept: (value: Value) => boolean,
): { readonly saved: readonly Value[]; readonly repeated: readonly Node[] } | undefined {
  const producers = new Map(nodes.map((node) => [outputOf(node), node]));
  const repeated = new Set<Node>();
  const saved = new Set<Value>();
  const leaves = new Set<Value>();
  const visit = (value: Value): void => {
    const producer = producers.get(value);
    if (!producer) leaves.add(value);
    else if (others.has(value)) return;
    else if (producer.operation.isExpensive || producer.operation.isVolatile) saved.add(value);
    else if (!repeated.has(producer)) {
      repeated.add(producer);
      inputsOf(producer).forEach(visit);
    }
  };
  candidates.forEach(visit);
  const bytesOf = (values: Iterable<Value>): number => [...values].reduce((sum, { bytes }) => sum + bytes, 0);
  const added = bytesOf(saved) + bytesOf([...leaves].filter((leaf) => !isKept(leaf)));
  if (repeated.size === 0 || added > bytesOf(candidates)) return undefined;
  return { saved: [...saved], repeated: nodes.filter((node) => repeated.has(node)) };
}

/** Copies of nodes with results of their own, and what has another node read these. */
function copiesOf(
  graph: ValueGraph,
  nodes: readonly Node[],
): { readonly copies: readonly Node[]; readonly rename: (node: Node) => Node } {
  const renamed = new Map<Value, Value>();
  const rename = (node: Node): Node => {
    const inputs = Object.entries(node.inputs).map(([name, value]) => [name, value && (renamed.get(value) ?? value)]);
    return { ...node, inputs: Object.fromEntries(inputs) as AnyInputs };
  };
  const copies = nodes.map((node) => {
    const copy = graph.node(node.operation, rename(node).inputs, node.attributes, node.source);
    renamed.set(outputOf(node), outputOf(copy));
    return copy;
  });
  return { copies, rename };
}

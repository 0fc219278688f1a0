import { emitReduction } from "../reduce/emit.js";
import { inputsOf, type Node, outputOf, type Value, type ValueGraph } from "../node.js";
import { define } from "../operation.js";
import { emitPointwise } from "./emit.js";
import { repeatWhatIsCheap } from "./repeat.js";
import { type Unit, Units } from "./units.js";

/**
 * Lists of nodes, executed one after the other, in which elementwise nodes that can run in one pass over memory are one node, and
 * with them a reduction of what they compute.
 *
 * Nodes of one shape become one program if one reads what another computes, or both read the same large value, unless something
 * else stands between them. What only the program itself reads is not written to memory. What a program of a later list reads of
 * a program of an earlier one is written and read, but for what is cheap: that is computed again where it is read, if fewer bytes
 * are kept for it in this way. An operation that is expensive (`isExpensive`), such as an exponential, is never computed twice.
 *
 * @param roots values that are read after the last node
 */
export function groupPointwise(
  graph: ValueGraph,
  lists: readonly (readonly Node[])[],
  roots: Iterable<Value>,
): readonly (readonly Node[])[] {
  const kept = [...roots];
  const divided = lists.map((list, i) => {
    const others = lists.filter((_, other) => other !== i).flatMap((other) => other.flatMap(inputsOf));
    return new Units(list, [...kept, ...others]);
  });
  const ordered = divided.map((units) => units.ordered());
  const stored = new Map(divided.flatMap((units, i) => ordered[i]!.map((unit) => [unit, units.stored(unit)])));
  repeatWhatIsCheap(graph, ordered, stored, kept);
  return ordered.map((units) => units.map((unit) => nodeOf(graph, unit, stored.get(unit)!)));
}

/** The node that a unit is executed as. */
function nodeOf(graph: ValueGraph, unit: Unit, stored: readonly Value[]): Node {
  const { nodes, reduction } = unit;
  if (nodes.length === 1 && !reduction) return nodes[0]!;
  const written = new Set(stored);
  const result = reduction && outputOf(reduction);
  if (result) written.delete(result);
  const outputs = [...written, ...(result ? [result] : [])];
  const inputs = unit.inputs;
  const operation = define<string, object, string>({
    name: "a group of elementwise operations",
    isProgram: true,
    inputs: inputs.map((_, i) => `input ${i}`),
    outputs: outputs.map((_, i) => `output ${i}`),
    shape: () => Object.fromEntries(outputs.map(({ shape, dataType }, i) => [`output ${i}`, { shape, dataType }])),
    lower(emit) {
      if (!reduction) {
        emitPointwise(emit, nodes, written, outputOf(nodes[0]!).shape);
        return;
      }
      const [input] = inputsOf(reduction) as [Value];
      emitReduction(emit, reduction.operation.reduce!(reduction), input, result!, nodes, written);
    },
  });
  const named = (kind: string, values: readonly Value[]): Readonly<Record<string, Value>> =>
    Object.fromEntries(values.map((value, i) => [`${kind} ${i}`, value]));
  const source = sourceOf(unit.own);
  return graph.node(operation, named("input", inputs), undefined, source, named("output", outputs));
}

const backward = "the backward pass of ";

/** Where nodes come from: "the backward pass of layer 1 (tanh) + layer 0 (linear)". */
function sourceOf(nodes: readonly Node[]): string {
  const sources = [...new Set(nodes.map(({ source }) => source))];
  const isBackward = sources.every((source) => source.startsWith(backward));
  return isBackward
    ? backward + sources.map((source) => source.slice(backward.length)).join(" + ")
    : sources.join(" + ");
}

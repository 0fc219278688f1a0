import type { AnyInputs, Node, Value, ValueGraph } from "./node.js";
import { copyOperation } from "./primitives/index.js";

/**
 * `nodes` with those that have no kernels of their own replaced by what composes them, down to kernels. The values that they
 * computed are computed by the replacement.
 * @param which says whether a node without kernels is to be replaced now
 */
export function expand(graph: ValueGraph, nodes: readonly Node[], which: (node: Node) => boolean): readonly Node[] {
  return nodes.flatMap((node) => {
    const { operation } = node;
    if (operation.lower || operation.isView || !which(node)) return [node];
    const nodes = replaced(graph, node, () => operation.compose!(node.inputs, node.attributes));
    return expand(graph, nodes, which);
  });
}

/** The nodes that `build` makes, to stand for a node whose outputs they compute. @param build gives them by name */
export function replaced(graph: ValueGraph, { outputs, source }: Node, build: () => AnyInputs): readonly Node[] {
  const renamed = new Map<Value, Value>();
  const nodes = graph.collect(source, () => {
    for (const [name, composed] of Object.entries(build())) {
      if (!composed) continue;
      const isNew = graph.nodes.some((node) => Object.values(node.outputs).includes(composed));
      const value = isNew && !renamed.has(composed) ? composed : copyOperation.apply({ x: composed }).y;
      renamed.set(value, outputs[name]!);
    }
  });
  const rename = <T extends AnyInputs>(values: T): T =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, value && (renamed.get(value) ?? value)]),
    ) as T;
  return nodes.map((node) => ({ ...node, inputs: rename(node.inputs), outputs: rename(node.outputs) }));
}

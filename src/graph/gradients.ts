import { ArgumentError, ShapeError, show, StateError } from "../engine/index.js";
import { differentiate } from "./differentiate.js";
import { checkValues, type Node, type Value } from "./node.js";
import { copyOperation } from "./primitives/index.js";
import { addRequest, unfold } from "./requests.js";
import { reachable } from "./rewrite.js";
import { formatShape } from "./shape.js";

/**
 * The gradients of a value as values of the same graph, which can be computed with, and differentiated again.
 * @param from where to start, usually a loss of shape [1]
 * @param withRespectTo the values whose gradients are wanted
 * @param upstream the gradient of `from`: shape of `from`. Default: ones
 * @returns a gradient for each of `withRespectTo`, of its shape
 * @throws ArgumentError for what are no values, ShapeError for an upstream of another shape
 * @throws StateError if `from` does not depend on one of them through operations that have gradients
 */
export function gradients(from: Value, withRespectTo: readonly Value[], upstream?: Value): Value[] {
  checkValues("gradients", from, ...(upstream === undefined ? [] : [upstream]));
  if (!Array.isArray(withRespectTo)) {
    throw new ArgumentError(`gradients: withRespectTo is an array of values, got ${show(withRespectTo)}`);
  }
  checkValues("gradients", ...(withRespectTo as readonly Value[]));
  return gradientNodes(from, withRespectTo, upstream ?? onesLike(from));
}

function gradientNodes(from: Value, withRespectTo: readonly Value[], upstream: Value): Value[] {
  const { graph } = from;
  if (formatShape(upstream.shape) !== formatShape(from.shape)) {
    throw new ShapeError(
      `gradients: upstream is ${formatShape(upstream.shape)}, want the shape ${formatShape(from.shape)} of ${from.label}`,
    );
  }
  const nodes = unfold(reachable(graph.nodes, [from]));
  const found = differentiate(graph, nodes, from, upstream, withRespectTo);
  // A value that only another request computes on its way is no value of the graph.
  const hidden = computedBy(nodes);
  for (const value of computedBy(graph.nodes)) hidden.delete(value);
  const result: Value[] = [];
  const copies = graph.collect(graph.source, () => {
    for (const value of withRespectTo) {
      const gradient = found.gradients.get(value);
      if (!gradient) throw new StateError(`no gradient reaches ${value.label} from ${from.label}`);
      result.push(hidden.has(gradient) ? copyOperation.apply({ x: gradient }).y : gradient);
    }
  });
  addRequest(graph, { from, upstream, withRespectTo, nodes: [...found.nodes, ...copies] }, result);
  return result;
}

function computedBy(nodes: readonly Node[]): Set<Value> {
  return new Set(nodes.flatMap(({ outputs }) => Object.values(outputs)));
}

export function onesLike(value: Value): Value {
  return value.graph.constant(value.shape, 1, "ones");
}

/**
 * The gradients of a composition: what `compose` makes of the values, differentiated for `withRespectTo`. It defines the
 * meaning of a fused backward operation by that of its forward one.
 */
export function gradientsOf(compose: () => Value, withRespectTo: readonly Value[], upstream: Value): Value[] {
  const { graph } = upstream;
  let y: Value | undefined;
  const nodes = graph.collect(graph.source, () => (y = compose()));
  const found = differentiate(graph, nodes, y!, upstream, withRespectTo);
  graph.append([...nodes, ...found.nodes]);
  return withRespectTo.map((value) => found.gradients.get(value)!);
}

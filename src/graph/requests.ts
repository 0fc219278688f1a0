import { differentiate } from "./differentiate.js";
import { replaced } from "./expand.js";
import type { Node, Value, ValueGraph } from "./node.js";
import { define } from "./operation.js";
import { reachable } from "./rewrite.js";

/** Gradients that `gradients` was asked for within a graph. */
export interface Request {
  readonly from: Value;
  readonly upstream: Value;
  readonly withRespectTo: readonly Value[];
  /** What computes them from the nodes of the graph as they stand, without fusion. */
  readonly nodes: readonly Node[];
}

/** The attributes of the node that stands for a request. */
class Requested {
  constructor(readonly request: Request) {}
}

function requestOf({ attributes }: Node): Request | undefined {
  return attributes instanceof Requested ? attributes.request : undefined;
}

export function isRequest(node: Node): boolean {
  return requestOf(node) !== undefined;
}

/**
 * Adds to a graph a node that stands for a differentiation. Only what compiles the graph decides whether the nodes
 * that are differentiated are fused before.
 * @param gradients of `withRespectTo`; one that is passed on as it is need not be computed
 */
export function addRequest(graph: ValueGraph, request: Request, gradients: readonly Value[]): void {
  const computed = new Set(request.nodes.flatMap(({ outputs }) => Object.values(outputs)));
  // By the gradient, since two values may have the same.
  const asked = new Map(gradients.map((gradient, i) => [gradient, request.withRespectTo[i]!]));
  for (const gradient of asked.keys()) if (!computed.has(gradient)) asked.delete(gradient);
  if (asked.size === 0) return;
  const values = [...asked.values()];
  const outputs = Object.fromEntries(numbered([...asked.keys()]));
  const inputs = numbered([request.from, request.upstream, ...values]);
  const operation = define<string, object, string>({
    name: "gradients",
    // What it means: the nodes as they are without fusion.
    compose: () => {
      graph.append(request.nodes);
      return outputs;
    },
    inputs: inputs.map(([name]) => name),
    outputs: numbered(values).map(([name]) => name),
    shape: () => Object.fromEntries(numbered(values).map(([name, { shape }]) => [name, shape])),
  });
  const attributes = new Requested({ ...request, withRespectTo: values });
  graph.append([graph.node(operation, Object.fromEntries(inputs), attributes, graph.source, outputs)]);
}

function numbered(values: readonly Value[]): [name: string, value: Value][] {
  return values.map((value, i) => [String(i), value]);
}

/** `nodes` with requests replaced by what computes them without fusion. @param which says which. Default: all */
export function unfold(nodes: readonly Node[], which: (node: Node) => boolean = () => true): readonly Node[] {
  return nodes.flatMap((node) => {
    const request = requestOf(node);
    return request && which(node) ? request.nodes : [node];
  });
}

/**
 * `nodes` without the requests whose results are differentiated again: fused nodes have gradients, but those are composed of
 * more than the nodes that were fused.
 * @param from where else differentiation begins
 */
export function unfoldDifferentiated(nodes: readonly Node[], from: readonly Value[]): readonly Node[] {
  const requests = nodes.flatMap((node) => requestOf(node) ?? []);
  if (requests.length === 0) return nodes;
  const differentiated = new Set(reachable(nodes, [...from, ...requests.map((request) => request.from)]));
  return unfold(nodes, (node) => differentiated.has(node));
}

/** `nodes`, fused or not, with the requests that are left replaced by what computes them. */
export function answer(graph: ValueGraph, nodes: readonly Node[]): readonly Node[] {
  const sofar: Node[] = [];
  for (const node of nodes) {
    const request = requestOf(node);
    if (!request) sofar.push(node);
    else {
      const { from, upstream, withRespectTo } = request;
      const answers = replaced(graph, node, () => {
        const found = differentiate(graph, sofar, from, upstream, withRespectTo);
        graph.append(found.nodes);
        return Object.fromEntries(numbered(withRespectTo).map(([name, value]) => [name, found.gradients.get(value)]));
      });
      sofar.push(...answers);
    }
  }
  return sofar;
}

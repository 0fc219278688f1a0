import { StateError } from "../engine/index.js";
import { type AnyInputs, inputsOf, type Node, type Value, type ValueGraph } from "./node.js";
import { addOperation } from "./primitives/index.js";

export interface Differentiation {
  /** The nodes that compute the gradients, in order of execution. */
  readonly nodes: readonly Node[];
  /** The gradient of each value that `from` depends on through the values asked for. */
  readonly gradients: ReadonlyMap<Value, Value>;
  /** For what a gradient rule gives, the value whose gradient it contributes to. */
  readonly contributions: ReadonlyMap<Value, Value>;
}

/**
 * Reverse-mode differentiation from graph to graph: walks `nodes` backwards from `from`, whose gradient is `upstream`, and
 * collects the nodes that the gradient rules make. A value that is used several times gets the sum of its contributions,
 * added in the order in which they arise.
 * @param withRespectTo the values whose gradients are wanted; what does not depend on them is left out
 */
export function differentiate(
  graph: ValueGraph,
  nodes: readonly Node[],
  from: Value,
  upstream: Value,
  withRespectTo: Iterable<Value>,
): Differentiation {
  const walk = new Walk(graph, new Set(withRespectTo));
  walk.gradients.set(from, upstream);
  walk.markDependent(nodes);
  walk.backwards(nodes);
  return walk;
}

class Walk implements Differentiation {
  readonly nodes: Node[] = [];
  readonly gradients = new Map<Value, Value>();
  readonly contributions = new Map<Value, Value>();

  constructor(
    private readonly graph: ValueGraph,
    /** Values that depend on those asked for. */
    private readonly dependent: Set<Value>,
  ) {}

  markDependent(nodes: readonly Node[]): void {
    for (const node of nodes) {
      if (node.operation.isConstant) continue;
      if (!inputsOf(node).some((input) => this.dependent.has(input))) continue;
      for (const [name, output] of Object.entries(node.outputs)) {
        if (!node.operation.kept.has(name)) this.dependent.add(output);
      }
    }
  }

  backwards(nodes: readonly Node[]): void {
    for (const node of [...nodes].reverse()) {
      const upstreams = Object.fromEntries(
        Object.entries(node.outputs).flatMap(([name, output]) => {
          const gradient = this.dependent.has(output) ? this.gradients.get(output) : undefined;
          return gradient ? [[name, gradient]] : [];
        }),
      );
      if (Object.keys(upstreams).length > 0) this.throughNode(node, upstreams);
    }
  }

  private throughNode(node: Node, upstreams: AnyInputs): void {
    const { operation } = node;
    const source = `the backward pass of ${node.source}`;
    if (!operation.gradient) {
      if (operation.compose) return this.throughComposition(node, upstreams, source);
      throw new StateError(`${node.source}: ${operation.name} has no gradient, so this cannot be differentiated`);
    }
    let contributions: AnyInputs = {};
    this.collect(source, () => (contributions = operation.gradient!({ ...node, upstreams })));
    this.collect(source, () => {
      for (const name of operation.inputNames) {
        const [input, contribution] = [node.inputs[name], contributions[name]];
        if (input && contribution && this.dependent.has(input)) this.accumulate(input, contribution);
      }
    });
  }

  /** The gradient of what the operation means: of the nodes that compose it. */
  private throughComposition({ operation, inputs, attributes }: Node, upstreams: AnyInputs, source: string): void {
    let composed: AnyInputs = {};
    const nodes = this.collect(source, () => (composed = operation.compose!(inputs, attributes)));
    this.markDependent(nodes);
    this.collect(source, () => {
      for (const [name, upstream] of Object.entries(upstreams)) {
        const value = composed[name];
        if (value && upstream && this.dependent.has(value)) this.accumulate(value, upstream);
      }
    });
    this.backwards(nodes);
  }

  private collect(source: string, build: () => void): readonly Node[] {
    const nodes = this.graph.collect(source, build);
    this.nodes.push(...nodes);
    return nodes;
  }

  private accumulate(value: Value, contribution: Value): void {
    // A gradient that is passed on as it is stays what it was.
    if (!this.contributions.has(contribution)) this.contributions.set(contribution, value);
    const sofar = this.gradients.get(value);
    this.gradients.set(value, sofar ? addOperation.apply({ a: sofar, b: contribution }).y : contribution);
  }
}

import type { Node, Value } from "../../src/graph/index.js";
import type { Numbers } from "./primitive.js";
import { primitives } from "./primitives.js";

export interface InterpreterOptions {
  /** Round the result of every primitive to float32: overflow and underflow are then those of a float32 machine. */
  readonly rounds?: boolean;
}

interface Composition {
  readonly nodes: readonly Node[];
  readonly outputs: Readonly<Record<string, Value | undefined>>;
}

/**
 * Runs nodes of a graph in float64, without kernels, plans or memory: primitives by the code in primitives/, which shares
 * nothing with the engine, composed operations by what composes them.
 */
export class Interpreter {
  private readonly compositions = new Map<Node, Composition>();

  constructor(
    private readonly nodes: readonly Node[],
    private readonly options: InterpreterOptions = {},
  ) {}

  /** What the nodes compute, given the contents of the values that none of them computes. */
  run(given: Iterable<readonly [Value, Numbers]>): ReadonlyMap<Value, Numbers> {
    const contents = new Map(given);
    this.execute(this.nodes, contents);
    return contents;
  }

  private execute(nodes: readonly Node[], contents: Map<Value, Numbers>): void {
    for (const node of nodes) {
      const { operation } = node;
      if (primitives[operation.name]) this.executePrimitive(node, contents);
      else if (operation.compose) this.executeComposition(node, contents);
      else throw new Error(`the interpreter has no ${operation.name}: add it to test/oracle/primitives`);
    }
  }

  private executePrimitive({ operation, inputs, outputs, attributes }: Node, contents: Map<Value, Numbers>): void {
    const present = Object.entries(inputs).flatMap(([name, value]) => (value ? [[name, value] as const] : []));
    const results = primitives[operation.name]!({
      inputs: Object.fromEntries(
        present.flatMap(([name, value]) => {
          const data = contentsOf(value, contents);
          return data ? [[name, data]] : [];
        }),
      ),
      shapes: Object.fromEntries([...present, ...Object.entries(outputs)].map(([name, { shape }]) => [name, shape])),
      attributes: (attributes ?? {}) as Readonly<Record<string, never>>,
    });
    for (const [name, result] of Object.entries(results)) {
      contents.set(outputs[name]!, this.options.rounds ? Float64Array.from(result, Math.fround) : result);
    }
  }

  private executeComposition(node: Node, contents: Map<Value, Numbers>): void {
    const { nodes, outputs } = this.composition(node);
    this.execute(nodes, contents);
    for (const [name, value] of Object.entries(outputs)) {
      const data = value && contentsOf(value, contents);
      if (data) contents.set(node.outputs[name]!, data);
    }
  }

  private composition(node: Node): Composition {
    let known = this.compositions.get(node);
    if (!known) {
      const { operation, inputs, attributes, source } = node;
      const { graph } = Object.values(inputs).find((value) => value !== undefined)!;
      let outputs: Composition["outputs"] = {};
      const nodes = graph.collect(source, () => (outputs = operation.compose!(inputs, attributes)));
      known = { nodes, outputs };
      this.compositions.set(node, known);
    }
    return known;
  }
}

/** Those of the nodes that some values follow from. */
export function nodesBefore(nodes: readonly Node[], values: readonly Value[]): readonly Node[] {
  const needed = new Set<Value | undefined>(values);
  return nodes
    .toReversed()
    .filter(({ inputs, outputs }) => {
      const isNeeded = Object.values(outputs).some((output) => needed.has(output));
      if (isNeeded) for (const input of Object.values(inputs)) needed.add(input);
      return isNeeded;
    })
    .reverse();
}

function contentsOf(value: Value, contents: ReadonlyMap<Value, Numbers>): Numbers | undefined {
  const { constant, size } = value;
  if (typeof constant === "number") return new Float64Array(size).fill(constant);
  return constant ?? contents.get(value);
}

import { inputsOf, type Node, readsOf, type Value } from "./node.js";

type ProducerOf = (value: Value) => Node | undefined;

/**
 * Which values follow from state and constants alone. A program that changes no state computes them in a section of its own,
 * which runs only when the state has changed since.
 */
export class FixedValues {
  private readonly known = new Map<Value, boolean>();

  has(value: Value, producerOf: ProducerOf): boolean {
    let isFixed = this.known.get(value);
    if (isFixed === undefined) {
      isFixed = isFixedSource(value) || this.isComputedFromFixed(producerOf(value), producerOf);
      this.known.set(value, isFixed);
    }
    return isFixed;
  }

  private isComputedFromFixed(node: Node | undefined, producerOf: ProducerOf): boolean {
    return node !== undefined && !node.operation.isVolatile && inputsOf(node).every((x) => this.has(x, producerOf));
  }
}

/** Contents that never change, or state in memory that tells when it changes. */
function isFixedSource({ constant, storage }: Value): boolean {
  return constant !== undefined || storage?.holding !== undefined;
}

/** The nodes of a program that changes no state, and the values that outlive one part and are read in the other. */
export interface Preparation {
  readonly prepare: readonly Node[];
  readonly forward: readonly Node[];
  readonly prepared: readonly Value[];
}

/** Takes out of `nodes` those that compute fixed values. @param outputs values that are read after a run */
export function separate(nodes: readonly Node[], outputs: readonly Value[]): Preparation {
  const producers = new Map<Value, Node>();
  const fixed = new FixedValues();
  const prepare: Node[] = [];
  const forward: Node[] = [];
  const prepared = new Set<Value>();
  for (const node of nodes) {
    for (const output of Object.values(node.outputs)) producers.set(output, node);
    const isPrepared = Object.values(node.outputs).every((output) =>
      fixed.has(output, (value) => producers.get(value)),
    );
    (isPrepared ? prepare : forward).push(node);
    if (isPrepared) for (const output of Object.values(node.outputs)) prepared.add(output);
  }
  const read = [...forward.flatMap(readsOf), ...outputs];
  return { prepare, forward, prepared: [...new Set(read.filter((value) => prepared.has(value)))] };
}

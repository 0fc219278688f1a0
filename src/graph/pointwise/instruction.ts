import { type Node, outputOf, Value, type Words } from "../node.js";

/** One int32 as an operand. */
export function integer(number: number): Words {
  return { words: new Array<number>(16).fill(number | 0) };
}

/** One float32 as an operand. */
export function float(number: number): Words {
  return integer(bitsOf(number));
}

/** The bits of the float32 nearest to a number. */
export function bitsOf(number: number): number {
  return new Int32Array(Float32Array.of(number).buffer)[0]!;
}

/** What a program of these nodes reads from memory: values that it does not compute, and scalars of the step. */
export function readFromMemory(nodes: readonly Node[]): {
  readonly values: ReadonlySet<Value>;
  readonly scalars: ReadonlySet<string>;
} {
  const computed = new Set(nodes.map(outputOf));
  const values = new Set<Value>();
  const scalars = new Set<string>();
  for (const operand of nodes.flatMap((node) => node.operation.pointwise!(node).operands)) {
    if (operand instanceof Value) {
      if (!computed.has(operand) && typeof operand.constant !== "number") values.add(operand);
    } else if (typeof operand === "object" && "scalar" in operand) scalars.add(operand.scalar);
  }
  return { values, scalars };
}

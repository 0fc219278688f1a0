import type { Words } from "../node.js";

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

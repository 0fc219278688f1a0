import type { InstructionName } from "../../engine/index.js";
import type { Value } from "../node.js";

/** Up to sixteen 32-bit words that an instruction reads as they are. */
export interface Words {
  readonly words: readonly number[];
}

/** The name of a scalar of the step: one 4-byte number. */
export interface Scalar {
  readonly scalar: string;
}

/** What an instruction reads: a value that broadcasts to its result, or one number; of those that are given, of float32. */
export type Operand = Value | number | Words | Scalar;

/** What an elementwise operation is in the pointwise kernel: its output is what this instruction makes of its operands. */
export interface Instruction {
  readonly name: InstructionName;
  readonly operands: readonly Operand[];
}

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

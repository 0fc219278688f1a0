import type { InstructionName, Placed } from "../../engine/index.js";
import type { MemoryRange } from "../memoryRange.js";
import type { Value } from "../node.js";

/** Sixteen 32-bit words that an instruction reads as they are. */
export interface Words {
  readonly words: readonly number[];
}

/** One 4-byte number in memory, such as a scalar of the step. */
export interface Scalar {
  readonly scalar: MemoryRange;
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

/** A program in memory as far as its record refers to it. */
export type Arrays = readonly Placed[];

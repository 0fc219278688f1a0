import { constants, type Engine, type InstructionName, opcodeOf } from "../src/engine/index.js";
import { type KernelArgument, Output, runKernel } from "./kernel.js";

const slots = 8;

/** The fields of a pointwise record, of arrays of 4-byte elements and one instruction. The result is the array after the operands. */
export function instructionFields(
  name: InstructionName,
  operands: readonly (Float32Array | Int32Array | number)[],
): Readonly<Record<string, KernelArgument>> {
  const arrays = operands.filter((operand) => typeof operand !== "number");
  const count = arrays[0]!.length;
  const numbers = operands.filter((operand) => typeof operand === "number");
  let [array, number] = [0, 0];
  // Arrays by number, in steps of 64; numbers by their place in the constants, 64 bytes each.
  const words = operands.map((operand) => (typeof operand === "number" ? 64 * number++ + 2 : 64 * array++));
  const code = [opcodeOf(name), 64 * arrays.length, ...words];
  const given: Record<string, KernelArgument> = {};
  for (let i = 0; i < constants.POINTWISE_ARRAYS; i++) given[`array${i}`] = arrays[i] ?? 0;
  given[`array${arrays.length}`] = new Output(count);
  return {
    ...given,
    code: Int32Array.from({ length: constants.INSTRUCTION_WORDS }, (_, i) => code[i] ?? 0),
    constants: Float32Array.from({ length: 16 * Math.max(numbers.length, 1) }, (_, i) => numbers[i >> 4] ?? 0),
    scratch: new Output((slots * constants.SCRATCH_START) / 4),
    ...{ count, scalars: 0, instructions: 1, slots, scratchBytes: constants.SCRATCH_START },
    dense: 2 ** (arrays.length + 1) - 1,
    written: 2 ** arrays.length,
  };
}

/**
 * Runs the pointwise kernel with one instruction, whose operands are arrays of 4-byte elements in the order of the result, or single
 * numbers. Checks and threads are those of `runKernel`.
 */
export function runInstruction(
  engine: Engine,
  name: InstructionName,
  operands: readonly (Float32Array | Int32Array | number)[],
  options: { readonly threads?: number; readonly shift?: number } = {},
): Float32Array {
  const y = `array${operands.filter((operand) => typeof operand !== "number").length}`;
  return runKernel(engine, "pointwise", instructionFields(name, operands), options)[y]!;
}

import { constants, type Engine, type InstructionName, opcodeOf } from "../src/engine/index.js";
import { type KernelArgument, Output, runKernel } from "./kernel.js";

const slots = 8;

/** Elements of the block, one float32, or words as they are. */
export type InstructionOperand = Float32Array | Int32Array | number | Uint32Array;

/** The fields of a pointwise record, of arrays of 4-byte elements and one instruction. The result is the array after the operands. */
export function instructionFields(
  name: InstructionName,
  operands: readonly InstructionOperand[],
): Readonly<Record<string, KernelArgument>> {
  const arrays = operands.filter((operand) => operand instanceof Float32Array || operand instanceof Int32Array);
  const count = arrays[0]!.length;
  const constant = operands.flatMap((operand) => {
    if (typeof operand === "number") return [...new Int32Array(new Float32Array(16).fill(operand).buffer)];
    return operand instanceof Uint32Array ? Array.from({ length: 16 }, (_, i) => operand[i] ?? 0) : [];
  });
  let [array, number] = [0, 0];
  // Arrays by number, in steps of 64; numbers by their place in the constants, 64 bytes each.
  const isArray = (operand: InstructionOperand): boolean => arrays.includes(operand as Float32Array);
  const words = operands.map((operand) => (isArray(operand) ? 64 * array++ : 64 * number++ + 2));
  const code = [opcodeOf(name), 64 * arrays.length, ...words];
  const given: Record<string, KernelArgument> = {};
  for (let i = 0; i < constants.POINTWISE_ARRAYS; i++) given[`array${i}`] = arrays[i] ?? 0;
  given[`array${arrays.length}`] = new Output(count);
  return {
    ...given,
    code: Int32Array.from({ length: constants.INSTRUCTION_WORDS }, (_, i) => code[i] ?? 0),
    constants: Int32Array.from({ length: Math.max(constant.length, 16) }, (_, i) => constant[i] ?? 0),
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
  operands: readonly InstructionOperand[],
  options: { readonly threads?: number; readonly shift?: number } = {},
): Float32Array {
  const y = `array${operands.filter((operand) => typeof operand !== "number" && !(operand instanceof Uint32Array)).length}`;
  return runKernel(engine, "pointwise", instructionFields(name, operands), options)[y]!;
}

import { type InstructionName, instructionNames } from "../../build/generated/instructionNames.js";
import { FIRST_INSTRUCTION } from "../../build/generated/constants.js";

export type { InstructionName };

const opcodes: ReadonlyMap<string, number> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ instructionNames.split(" ").map((name, index) => [name, FIRST_INSTRUCTION + index]),
);

/** What an instruction of the pointwise kernel is called in a program. */
export function opcodeOf(name: InstructionName): number {
  return opcodes.get(name)!;
}

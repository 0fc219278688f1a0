import { kernelCall, LinkedProgram } from "../../src/engine/index.js";
import type { Row } from "../row.js";

const records = 1000;

/** What a record costs beside its kernel, its barrier included where there are threads: milliseconds are microseconds each. */
export const runtimeRows: readonly Row[] = [
  {
    name: "empty records and their barriers",
    shape: "1,000 records in one run",
    tolerance: 0,
    wasm: (engine) => {
      const block = engine.memory.allocate(4, "a row's operand");
      const empty = kernelCall("relu", { x: block, y: block, count: 0 });
      const program = new LinkedProgram(engine.memory, Array<typeof empty>(records).fill(empty));
      return { run: () => engine.run(program), result: () => new Float32Array() };
    },
  },
];

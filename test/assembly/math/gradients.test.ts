import { describe, it } from "vitest";
import { expectClose, expectIdentical } from "../../expect.js";
import { runInstruction } from "../../instruction.js";
import { testedBuilds, testEngine } from "../../kernel.js";
import { randomFloats } from "../../random.js";

const instructions = [
  ["sigmoidBackward", (y: number, dy: number) => dy * y * (1 - y)],
  ["tanhBackward", (y: number, dy: number) => dy * (1 - y * y)],
  ["erfBackward", (x: number, dy: number) => ((dy * 2) / Math.sqrt(Math.PI)) * Math.exp(-x * x)],
  ["divide", (a: number, b: number) => a / b],
] as const;

describe.each(testedBuilds)("gradients of elementary functions (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each(instructions)("%s is within 5e-7 relative for every size and number of threads", (instruction, f) => {
    for (const count of [0, 1, 3, 4, 5, 17, 31, 33, 64, 127, 1009]) {
      const a = randomFloats(count, 1);
      const b = randomFloats(count, 2);
      const expected = Float64Array.from(a, (value, i) => f(value, b[i]!));
      const run = (threads: number): Float32Array => runInstruction(engine, instruction, [a, b], { threads });
      const once = run(1);
      expectClose(once, expected, { relative: 5e-7 });
      for (const threads of [2, 3, 7]) expectIdentical(run(threads), once);
    }
  });
});

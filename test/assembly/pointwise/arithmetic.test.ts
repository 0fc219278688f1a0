import { describe, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { runInstruction } from "../../instruction.js";
import { testedBuilds, testEngine } from "../../kernel.js";
import { randomFloats } from "../../random.js";

const sizes = [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 127, 1009, 1024, 1025, 1040, 2063];
const special = Float32Array.of(-0, 0, NaN, Infinity, -Infinity, 1e-45, -1e-45, 3.4e38, -3.4e38, 1, -1, 1e-30, 7);

describe.each(testedBuilds)("elementwise arithmetic (%s)", async (build) => {
  const engine = await testEngine(build);
  const binary = [
    ["add", (a: number, b: number) => a + b],
    ["subtract", (a: number, b: number) => a - b],
    ["multiply", (a: number, b: number) => a * b],
  ] as const;

  it.each(binary)("%s is correctly rounded for every size, number of threads and special value", (instruction, f) => {
    for (const count of sizes) {
      const a = randomFloats(count, 1, 100);
      const b = randomFloats(count, 2);
      a.set(special.subarray(0, count));
      b.set(special.slice().reverse().subarray(0, count));
      for (const threads of [1, 2, 3, 7]) {
        expectIdentical(
          runInstruction(engine, instruction, [a, b], { threads }),
          a.map((value, i) => f(value, b[i]!)),
        );
      }
    }
  });

  it("a number as an operand is the same as many of it, for every size, number of threads and special value", () => {
    for (const count of sizes) {
      const x = randomFloats(count, 1, 100);
      x.set(special.subarray(0, count));
      const factor = Math.fround(-0.3);
      for (const threads of [1, 2, 3, 7]) {
        expectIdentical(
          runInstruction(engine, "multiply", [factor, x], { threads }),
          x.map((value) => value * factor),
        );
      }
    }
  });
});

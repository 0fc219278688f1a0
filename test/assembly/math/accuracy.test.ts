import { describe, expect, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { runInstruction } from "../../instruction.js";
import { testedBuilds, testEngine } from "../../kernel.js";
import { erf, floatsByBits, largestUlpError, sigmoid } from "../../oracle/special.js";

const functions = [
  { instruction: "exp", f: Math.exp, bound: 1 },
  { instruction: "log", f: Math.log, bound: 2 },
  { instruction: "tanh", f: Math.tanh, bound: 2 },
  { instruction: "sigmoid", f: sigmoid, bound: 2 },
  { instruction: "erf", f: erf, bound: 2 },
] as const;

const arguments_ = Float32Array.of(
  ...[0, -0, 1e-45, -1e-45, 1e-39, -1e-39, Infinity, -Infinity, NaN, 1, -1, 80, -80, 88.8, -88.8, 104, -104],
  ...[1e4, -1e4, 3.4e38, -3.4e38, 88.72283, 88.72284, -87.33654, -87.33655, -103.97, -103.98, 0.5, -0.5, 18, -18],
);

describe.each(testedBuilds)("elementary functions (%s)", async (build) => {
  const engine = await testEngine(build);
  const evaluate = (
    instruction: (typeof functions)[number]["instruction"],
    x: Float32Array,
    threads = 1,
  ): Float32Array => runInstruction(engine, instruction, [x], { threads });

  it.each(functions)(
    "$instruction is within $bound ulp over a sweep of all float32 numbers",
    ({ instruction, f, bound }) => {
      for (const x of [floatsByBits(10007), floatsByBits(499, 0x3d000000, 0x42d00000)]) {
        const [error, worst] = largestUlpError(x, evaluate(instruction, x), f);
        expect(error, `at ${worst}`).toBeLessThanOrEqual(bound);
      }
    },
  );

  it.each(functions)(
    "$instruction is right at zeros, denormals, infinities, NaN and both ends of its range",
    ({ instruction, f, bound }) => {
      const [error, worst] = largestUlpError(arguments_, evaluate(instruction, arguments_), f);
      expect(error, `at ${worst}`).toBeLessThanOrEqual(bound);
    },
  );

  it.each(functions)(
    "$instruction gives an element the same bits at any position, in a tail and with any number of threads",
    ({ instruction }) => {
      const x = Float32Array.from({ length: 83 }, (_, i) => (i - 41) * 2.37);
      x.set(arguments_, 11);
      const whole = evaluate(instruction, x);
      for (const threads of [2, 3, 7]) expectIdentical(evaluate(instruction, x, threads), whole);
      for (let start = 0; start < 20; start++) {
        for (const length of [1, 2, 3, 5, 18]) {
          expectIdentical(evaluate(instruction, x.slice(start, start + length)), whole.subarray(start, start + length));
        }
      }
    },
  );

  it("keeps NaN whatever its payload", () => {
    const patterns = Uint32Array.of(0x7fc00000, 0x7fc00001, 0xffc00000, 0x7fffffff, 0xffffffff, 0x7fd12345, 0x7fe00055);
    for (const { instruction } of functions) {
      expect(evaluate(instruction, new Float32Array(patterns.buffer)).every(Number.isNaN)).toBe(true);
    }
  });
});

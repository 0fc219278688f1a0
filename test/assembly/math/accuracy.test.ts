import { describe, expect, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { erf, floatsByBits, largestUlpError, sigmoid } from "../../oracle/special.js";

const functions = [
  { kernel: "exp", f: Math.exp, bound: 1 },
  { kernel: "log", f: Math.log, bound: 2 },
  { kernel: "tanh", f: Math.tanh, bound: 2 },
  { kernel: "sigmoid", f: sigmoid, bound: 2 },
  { kernel: "erf", f: erf, bound: 2 },
] as const;

const arguments_ = Float32Array.of(
  ...[0, -0, 1e-45, -1e-45, 1e-39, -1e-39, Infinity, -Infinity, NaN, 1, -1, 80, -80, 88.8, -88.8, 104, -104],
  ...[1e4, -1e4, 3.4e38, -3.4e38, 88.72283, 88.72284, -87.33654, -87.33655, -103.97, -103.98, 0.5, -0.5, 18, -18],
);

describe.each(testedBuilds)("elementary functions (%s)", async (build) => {
  const engine = await testEngine(build);
  const evaluate = (kernel: (typeof functions)[number]["kernel"], x: Float32Array, threads = 1): Float32Array =>
    runKernel(engine, kernel, { x, y: new Output(x.length), count: x.length }, { threads }).y!;

  it.each(functions)("$kernel is within $bound ulp over a sweep of all float32 numbers", ({ kernel, f, bound }) => {
    for (const x of [floatsByBits(10007), floatsByBits(499, 0x3d000000, 0x42d00000)]) {
      const [error, worst] = largestUlpError(x, evaluate(kernel, x), f);
      expect(error, `at ${worst}`).toBeLessThanOrEqual(bound);
    }
  });

  it.each(functions)(
    "$kernel is right at zeros, denormals, infinities, NaN and both ends of its range",
    ({ kernel, f, bound }) => {
      const [error, worst] = largestUlpError(arguments_, evaluate(kernel, arguments_), f);
      expect(error, `at ${worst}`).toBeLessThanOrEqual(bound);
    },
  );

  it.each(functions)(
    "$kernel gives an element the same bits at any position, in a tail and with any number of threads",
    ({ kernel }) => {
      const x = Float32Array.from({ length: 83 }, (_, i) => (i - 41) * 2.37);
      x.set(arguments_, 11);
      const whole = evaluate(kernel, x);
      for (const threads of [2, 3, 7]) expectIdentical(evaluate(kernel, x, threads), whole);
      for (let start = 0; start < 20; start++) {
        for (const length of [1, 2, 3, 5, 18]) {
          expectIdentical(evaluate(kernel, x.slice(start, start + length)), whole.subarray(start, start + length));
        }
      }
    },
  );

  it("keeps NaN whatever its payload", () => {
    const patterns = Uint32Array.of(0x7fc00000, 0x7fc00001, 0xffc00000, 0x7fffffff, 0xffffffff, 0x7fd12345, 0x7fe00055);
    for (const { kernel } of functions) {
      expect(evaluate(kernel, new Float32Array(patterns.buffer)).every(Number.isNaN)).toBe(true);
    }
  });
});

import { describe, expect, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { runInstruction } from "../../instruction.js";
import { testedBuilds, testEngine } from "../../kernel.js";
import { Graph, Program } from "../../../src/graph/index.js";
import { ops } from "../../../src/index.js";
import { halfBits, halfValue } from "../../oracle/half.js";
import { erf, floatsByBits, largestUlpError, sigmoid } from "../../oracle/special.js";

const functions = [
  { instruction: "exp", f: Math.exp, bound: 1 },
  { instruction: "log", f: Math.log, bound: 2 },
  { instruction: "tanh", f: Math.tanh, bound: 2 },
  { instruction: "sigmoid", f: sigmoid, bound: 2 },
  { instruction: "erf", f: erf, bound: 2 },
  { instruction: "log1p", f: Math.log1p, bound: 2 },
  { instruction: "expm1", f: Math.expm1, bound: 2 },
  { instruction: "sin", f: Math.sin, bound: 1 },
  { instruction: "cos", f: Math.cos, bound: 1 },
  { instruction: "sqrt", f: Math.sqrt, bound: 0.5 },
  { instruction: "reciprocal", f: (x: number) => 1 / x, bound: 0.5 },
  { instruction: "rsqrt", f: (x: number) => 1 / Math.sqrt(x), bound: 1.5 },
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

  it("pow is within 1 ulp where its result is a float32, and has the special cases of C", () => {
    const [bases, exponents] = [floatsByBits(8_600_011), floatsByBits(300_007, 0x3c000000, 0x43000000)];
    const special = [0, -0, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 1e-45, 3.4e38, 16777217, Infinity, -Infinity, NaN];
    const pairs = [
      ...[...bases].flatMap((a) => [...exponents].flatMap((b) => [[a, b] as const, [a, -b] as const])),
      ...special.flatMap((a) => special.map((b) => [a, b] as const)),
    ];
    const [a, b] = [0, 1].map((i) => Float32Array.from(pairs, (pair) => pair[i]!)) as [Float32Array, Float32Array];
    const power = (x: number, y: number): number => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y);
    const y = runInstruction(engine, "pow", [a, b]);
    const exact = a.map((_, i) => power(a[i]!, b[i]!));
    const [error, worst] = largestUlpError(
      Float32Array.from(a, (_, i) => i),
      y,
      (i) => power(a[i]!, b[i]!),
    );
    expect(error, `${a[worst]} to the power of ${b[worst]}`).toBeLessThanOrEqual(1);
    expect(y.filter((value, i) => Number.isFinite(value) !== Number.isFinite(exact[i]!))).toHaveLength(0);
  });

  it("float16 is written and read as the nearest there is, for every one and around every midpoint", () => {
    const graph = new Graph();
    const halves = Float32Array.from({ length: 65536 }, (_, bits) => halfValue(bits));
    const around = Array.from({ length: 31743 }, (_, bits) => {
      const middle = (halfValue(bits) + halfValue(bits + 1)) / 2;
      const step = middle * 2 ** -20 + 2 ** -45;
      return [middle, middle - step, middle + step, -middle];
    }).flat();
    const data = Float32Array.of(...halves, 65519.99, 65520, -65520, 1e30, 2 ** -25, 2 ** -26, ...new Float32Array(3));
    const all = new Float32Array(data.length + around.length);
    all.set(data);
    all.set(around, data.length);
    const x = graph.input([all.length], "x");
    const [half, rounded] = [ops.cast(x, "f16"), ops.cast(ops.cast(x, "f16"), "f32")];
    const program = new Program(engine, graph, { outputs: [half, rounded] });
    program.write(x, all);
    program.run();
    const expected = all.map((value) => halfValue(halfBits(value)));
    expectIdentical(program.read(half), expected);
    expectIdentical(program.read(rounded), expected);
    program.dispose();
  });

  it("keeps NaN whatever its payload", () => {
    const patterns = Uint32Array.of(0x7fc00000, 0x7fc00001, 0xffc00000, 0x7fffffff, 0xffffffff, 0x7fd12345, 0x7fe00055);
    for (const { instruction } of functions) {
      expect(evaluate(instruction, new Float32Array(patterns.buffer)).every(Number.isNaN)).toBe(true);
    }
  });
});

import { describe, expect, it } from "vitest";
import { Graph, Program, type Value } from "../../src/graph/index.js";
import { ops, ShapeError } from "../../src/index.js";
import { expectClose, expectIdentical } from "../expect.js";
import { testedBuilds, testEngine } from "../kernel.js";
import { recurrentOf } from "../oracle/recurrent.js";
import { randomFloats } from "../random.js";

type Result = Readonly<Record<"y" | "hidden", Value>> & { readonly cell?: Value };

const kinds = [
  ["tanh", 1, (x, ih, hh, bi, bh, h, _, lengths, reverse) => ops.rnn(x, ih, hh, bi, bh, h, lengths, { reverse })],
  [
    "relu",
    1,
    (x, ih, hh, bi, bh, h, _, lengths, reverse) =>
      ops.rnn(x, ih, hh, bi, bh, h, lengths, { reverse, nonlinearity: "relu" }),
  ],
  ["gru", 3, (x, ih, hh, bi, bh, h, _, lengths, reverse) => ops.gru(x, ih, hh, bi, bh, h, lengths, { reverse })],
  ["lstm", 4, (x, ih, hh, bi, bh, h, c, lengths, reverse) => ops.lstm(x, ih, hh, bi, bh, h, c, lengths, { reverse })],
] as const satisfies readonly (readonly [
  string,
  number,
  (...given: [Value, Value, Value, Value, Value, Value, Value, Value, boolean]) => Result,
])[];

describe.each(testedBuilds)("recurrent operations (%s)", async (build) => {
  const engine = await testEngine(build);

  const shapes: readonly (readonly [batch: number, steps: number, features: number, size: number])[] = [
    [1, 1, 1, 1],
    [3, 2, 1, 5],
    [5, 7, 3, 4],
    [2, 33, 9, 17],
    [33, 3, 8, 24],
    [1, 9, 70, 130],
  ];
  it.each(kinds.flatMap(([kind, gates, f]) => [false, true].map((reverse) => [kind, gates, f, reverse] as const)))(
    "%s of all shapes are those of float64",
    (kind, gates, f, reverse) => {
      for (const [batch, steps, features, size] of shapes) {
        const graph = new Graph();
        const inputs = [
          [batch, steps, features],
          [features, gates * size],
          [size, gates * size],
          [gates * size],
          [gates * size],
          [batch, size],
          [batch, size],
        ].map((shape, i) => graph.input(shape, `input ${i}`));
        const lengths = Int32Array.from({ length: batch }, (_, i) => (i * 2 + steps) % (steps + 1));
        const [x, ih, hh, bi, bh, h, c] = inputs as [Value, Value, Value, Value, Value, Value, Value];
        const result: Result = f(x, ih, hh, bi, bh, h, c, graph.constant([batch], lengths), reverse);
        const outputs = [result.y, result.hidden, ...(result.cell ? [result.cell] : [])];
        const program = new Program(engine, graph, { outputs });
        const data = inputs.map((input, i) => randomFloats(input.size, i + 1).map((v) => (i > 0 ? v / 2 : 2 * v)));
        inputs.forEach((input, i) => program.write(input, data[i]!));
        program.run();
        const [weightIh, weightHh, biasIh, biasHh] = data.slice(1) as [
          Float32Array,
          Float32Array,
          Float32Array,
          Float32Array,
        ];
        const wanted = Array.from({ length: batch }, (_, i) => {
          const part = (from: number, count: number): Float32Array => data[from]!.subarray(i * count, (i + 1) * count);
          const setting = { kind, steps, features, size, reverse };
          const parameters = { weightIh, weightHh, biasIh, biasHh };
          return recurrentOf(setting, part(0, steps * features), parameters, lengths[i], part(5, size), part(6, size));
        });
        (["y", "hidden", "cell"] as const).slice(0, outputs.length).forEach((name, i) => {
          const exact = Float64Array.from(wanted.flatMap((sample) => [...sample[name]]));
          const largest = Math.max(1, ...Array.from(exact, Math.abs));
          expectClose(program.read(outputs[i]!), exact, { absolute: 2e-5 * largest });
        });
        program.dispose();
      }
    },
  );

  it("shut and open gates entirely at ±1e4, and pass NaN on to the sample that has it alone", () => {
    const graph = new Graph();
    const x = graph.input([3, 2, 4], "x");
    const identity = Float32Array.from({ length: 16 }, (_, i) => Number(i % 5 === 0));
    const y = ops.lstm(x, graph.constant([4, 4], identity), graph.constant([1, 4], 0)).y;
    const program = new Program(engine, graph, { outputs: [y] });
    // Gates i f g o: all open; input shut; NaN.
    const samples = [
      [1e4, 1e4, 1e4, 1e4],
      [-1e4, 1e4, 1e4, 1e4],
      [NaN, 0, 0, 0],
    ];
    program.write(x, Float32Array.from(samples.flatMap((sample) => [...sample, ...sample])));
    program.run();
    const tanh = [Math.fround(Math.tanh(1)), Math.fround(Math.tanh(2))];
    expectClose(program.read(y).subarray(0, 2), Float64Array.from(tanh), { absolute: 1e-7 });
    expectIdentical(program.read(y).subarray(2, 4), Float32Array.of(0, 0));
    expect([...program.read(y).subarray(4)]).toEqual([NaN, NaN]);
  });

  it("say which input does not fit, and what would", () => {
    const graph = new Graph();
    const given = (...shapes: readonly (readonly number[])[]) => shapes.map((shape) => graph.input(shape, "given"));
    const lstm =
      (...values: readonly Value[]) =>
      () =>
        ops.lstm(...(values as [Value, Value, Value]));
    expect(lstm(...given([2, 0, 3], [3, 8], [2, 8]))).toThrow(/with one step at least/);
    expect(lstm(...given([2, 3], [3, 8], [2, 8]))).toThrow(ShapeError);
    expect(lstm(...given([2, 4, 3], [3, 6], [2, 8]))).toThrow(/weightIh is .*, want \[3, 8\]/);
    expect(lstm(...given([2, 4, 3], [3, 8], [2, 6]))).toThrow(/weightHh is .*, want \[2, 8\]/);
    expect(lstm(...given([2, 4, 3], [3, 8], [2, 8], [8], [4]))).toThrow(/biasHh is .*, want \[8\]/);
    expect(lstm(...given([2, 4, 3], [3, 8], [2, 8], [8], [8], [2, 2], [2, 2], [2]))).toThrow(/lengths must be int32/);
  });

  it("one value may be several inputs: each has its part in the gradient", () => {
    const graph = new Graph();
    const x = graph.input([2, 3, 2], "x");
    const weight = graph.input([2, 8], "weight", "f32", true);
    const state = graph.input([2, 2], "state", "f32", true);
    const twin = graph.input([2, 2], "twin", "f32", true);
    const make = (hidden: Value, cell: Value): Value =>
      ops.lstm(x, weight, weight, undefined, undefined, hidden, cell).y;
    const compute = (cell: Value): Float32Array => {
      const from = ops.sum(make(state, cell));
      const gradients = cell === state ? [state, weight] : [state, cell, weight];
      const program = new Program(engine, graph, { outputs: [from], backward: { from }, gradients });
      program.write(x, randomFloats(12, 1));
      program.write(weight, randomFloats(16, 2));
      for (const value of [state, twin]) program.write(value, randomFloats(4, 3));
      program.run();
      const found = gradients.map((value) => program.readGradient(value));
      program.dispose();
      const [first, second] = found as [Float32Array, Float32Array];
      return cell === state ? first : first.map((part, i) => part + second[i]!);
    };
    expectClose(compute(state), Float64Array.from(compute(twin)), { absolute: 1e-6 });
  });
});

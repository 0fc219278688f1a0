import { describe, expect, it } from "vitest";
import { type DataType, dataTypes, Graph, Program } from "../../src/graph/index.js";
import { cast } from "../../src/ops/elementwise/cast.js";
import { where } from "../../src/ops/elementwise/where.js";
import { readNumbers } from "../catalogue/sample.js";
import { halfBits, halfValue } from "../oracle/half.js";
import { testedBuilds, testEngine } from "../kernel.js";

/** Numbers that each type has, at the ends of others. */
const numbers: Readonly<Record<DataType, readonly number[]>> = {
  f32: [
    0,
    -0,
    0.4,
    -0.6,
    2.5,
    -2.5,
    255.9,
    256,
    300,
    -1,
    2049,
    65519,
    65520,
    3e9,
    -3e9,
    1e38,
    Infinity,
    -Infinity,
    NaN,
  ],
  f16: [0, -0, 0.5, -0.75, 255.875, 256, 300, -1, 2048, 65504, 2 ** -24, Infinity, -Infinity, NaN],
  i32: [0, 1, -1, 255, 256, 300, 2049, 65519, 65520, 16777217, 2 ** 31 - 1, -(2 ** 31)],
  u8: [0, 1, 127, 128, 255],
  bool: [0, 1],
};

const truncated = (x: number): number =>
  Number.isNaN(x) ? 0 : Math.min(Math.max(Math.trunc(x), -(2 ** 31)), 2 ** 31 - 1) + 0;

const converted: Readonly<Record<DataType, (x: number) => number>> = {
  f32: Math.fround,
  f16: (x) => halfValue(halfBits(x)),
  i32: truncated,
  u8: (x) => truncated(x) & 255,
  bool: (x) => Number(x !== 0),
};

const pairs = dataTypes.flatMap((from) => dataTypes.map((to) => [from, to] as const));

describe.each(testedBuilds)("cast (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each(pairs)("from %s to %s is what follows computes with, whether or not it is written to memory", (from, to) => {
    const results = [true, false].map((isRead) => {
      const graph = new Graph();
      const x = graph.input([numbers[from].length], "x", from);
      const y = cast(x, to);
      const z = cast(y, "f32");
      const program = new Program(engine, graph, { outputs: isRead ? [y, z] : [z] });
      program.write(x, numbers[from]);
      program.run();
      const read = [...program.read(z)];
      if (isRead) expect([...readNumbers(program, y)].map(Math.fround)).toEqual(read);
      program.dispose();
      return read;
    });
    const expected = numbers[from].map((x) => Math.fround(converted[to](x)));
    for (const result of results) expect(result).toEqual(expected);
  });
});

describe("a choice by where", async () => {
  const engine = await testEngine();

  it.each<readonly [a: DataType, b: DataType | number, chosen: DataType]>([
    ["f32", "f32", "f32"],
    ["f32", -1, "f32"],
    ["i32", "i32", "i32"],
    ["i32", -1, "i32"],
    ["u8", "u8", "u8"],
    ["u8", -1, "i32"],
    ["bool", "bool", "bool"],
  ])("between %s and %s holds %s", (a, b, chosen) => {
    const graph = new Graph();
    const condition = graph.input([2], "condition", "bool");
    const values = { a: graph.input([2], "a", a), b: typeof b === "number" ? b : graph.input([2], "b", b) };
    const y = where(condition, values.a, values.b);
    expect(y.dataType).toBe(chosen);
    const program = new Program(engine, graph, { outputs: [y] });
    program.write(condition, [1, 0]);
    program.write(values.a, [1, 1]);
    if (typeof values.b !== "number") program.write(values.b, [0, 0]);
    program.run();
    expect([...readNumbers(program, y)]).toEqual([1, typeof b === "number" ? b : 0]);
    program.dispose();
  });
});

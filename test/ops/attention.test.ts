import { describe, expect, it } from "vitest";
import { type Engine, ShapeError } from "../../src/engine/index.js";
import { gradientsOf, Graph, Program, type Shape, sizeOf, type Value } from "../../src/graph/index.js";
import { attend as composed } from "../../src/ops/attention/composition.js";
import { type AttentionOptions, scaledDotProductAttention } from "../../src/ops/attention/scaledDotProductAttention.js";
import { attentionOperation } from "../../src/ops/attention/scaledDotProductAttention.js";
import { rotaryEmbedding } from "../../src/ops/attention/rotaryEmbedding.js";
import { attend } from "../oracle/attention.js";
import { expectClose, expectIdentical } from "../expect.js";
import { simulateThreads, testedBuilds, testEngine } from "../kernel.js";
import { randomFloats } from "../random.js";

interface Case {
  readonly queries: number;
  readonly keys: number;
  readonly features?: number;
  readonly heads?: number;
  readonly options?: Omit<AttentionOptions, "mask">;
  readonly mask?: { readonly shape: Shape; readonly data: Float32Array | Uint8Array };
  readonly data?: readonly Float32Array[];
}

/** Outputs and gradients of attention, and of its composition. `threads` plays so many threads in turn. */
function run(engine: Engine, { queries, keys, features = 5, heads = 2, options = {}, mask, data }: Case, threads = 1) {
  const graph = new Graph();
  const lengths = [queries, keys, keys];
  const values = lengths.map((length, i) => graph.input([heads, length, features], `input ${i}`, "f32", true));
  const [query, key, value] = values as [Value, Value, Value];
  const type = mask?.data instanceof Uint8Array ? "bool" : "f32";
  const masked = mask && graph.input(mask.shape, "mask", type);
  const y = scaledDotProductAttention(query, key, value, { ...options, mask: masked });
  const upstream = graph.input(y.shape, "upstream");
  const node = graph.nodes.find(({ operation }) => operation === attentionOperation)!;
  const meant = composed({ query, key, value, mask: masked }, node.attributes as never);
  const wanted = gradientsOf(
    () => composed({ query, key, value, mask: masked }, node.attributes as never),
    values,
    upstream,
  );
  const program = new Program(engine, graph, {
    outputs: [y, meant, ...wanted],
    backward: { from: y, gradient: upstream },
    gradients: values,
  });
  program.scalars.setInteger("dropoutSeed", 7);
  program.scalars.setInteger("dropoutStep", 1);
  values.forEach((input, i) => program.write(input, data?.[i] ?? randomFloats(sizeOf(input.shape), i + 1, 2)));
  program.write(upstream, randomFloats(y.size, 9));
  if (masked) program.write(masked, mask.data);
  const alone = engine.run.bind(engine);
  if (threads > 1) simulateThreads(engine, threads);
  program.run();
  engine.run = alone;
  const result = {
    found: [program.read(y), ...values.map((input) => program.readGradient(input))],
    meant: [meant, ...wanted].map((expected) => program.read(expected)),
    kernels: program.linked.calls.map(({ kernel }) => kernel),
  };
  program.dispose();
  return result;
}

/** Bytes that say which keys a query sees; the second query sees none. */
function someTruth(queries: number, keys: number): Uint8Array {
  return Uint8Array.from({ length: queries * keys }, (_, i) => Number(Math.floor(i / keys) !== 1 && (i * 7) % 5 > 1));
}

describe.each(testedBuilds)("scaledDotProductAttention (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each<[string, Case]>([
    ["one query", { queries: 1, keys: 9 }],
    ["more queries than a block", { queries: 101, keys: 37, features: 9 }],
    ["more scores than are kept, in whole rows", { queries: 600, keys: 500, heads: 1 }],
    ["more scores than are kept, in blocks of keys", { queries: 300, keys: 1100, heads: 1 }],
    ["causal blocks of keys", { queries: 530, keys: 530, heads: 1, options: { isCausal: true } }],
    [
      "blocks with a mask of truth values",
      { queries: 290, keys: 1030, heads: 1, mask: { shape: [290, 1030], data: someTruth(290, 1030) } },
    ],
    [
      "blocks with numbers added",
      {
        queries: 290,
        keys: 1030,
        heads: 1,
        options: { isCausal: true },
        mask: { shape: [1030], data: randomFloats(1030, 5, 3) },
      },
    ],
    ["dropout", { queries: 19, keys: 23, options: { dropout: 0.4, isCausal: true } }],
    ["dropout in blocks of keys", { queries: 290, keys: 1030, heads: 1, options: { dropout: 0.25 } }],
  ])("and its gradients are those of softmax and products: %s", (_, given) => {
    const { found, meant } = run(engine, given);
    found.forEach((actual, i) => {
      const largest = Math.max(1, ...meant[i]!.map(Math.abs));
      expectClose(actual, meant[i]!, { absolute: 4e-6 * largest });
    });
    for (const threads of [2, 3, 7]) run(engine, given, threads).found.forEach((x, i) => expectIdentical(x, found[i]!));
  });
});

describe("scaledDotProductAttention", async () => {
  const engine = await testEngine();

  it("is the weighted mean of values in float64, and 0 where a query sees no key", () => {
    const [queries, keys, features] = [5, 7, 3];
    const mask = { shape: [queries, keys], data: someTruth(queries, keys) };
    const data = [queries, keys, keys].map((rows, i) => randomFloats(rows * features, i + 1, 3));
    const { found } = run(engine, { queries, keys, features, heads: 1, mask, data });
    const [query, key, value] = data.map((rows) => ({ data: rows, columns: features }));
    const hidden = (row: number, column: number): number => (mask.data[row * keys + column] === 1 ? 0 : -Infinity);
    const [y, dquery] = found as [Float32Array, Float32Array];
    expectClose(y, attend(query!, key!, value!, hidden).data, { absolute: 2e-6 });
    expectIdentical(y.slice(features, 2 * features), new Float32Array(features));
    expectIdentical(dquery.slice(features, 2 * features), new Float32Array(features));
  });

  it("shifts scores of any size, and a row with a winner has no gradient by it", () => {
    const data = [Float32Array.of(1e4, 80, -1e4, 0), Float32Array.of(1e4, -80, 0, 1e-40), Float32Array.of(3, 4, 5, 6)];
    const { found } = run(engine, { queries: 2, keys: 2, features: 2, heads: 1, data });
    expectIdentical(found[0]!, [3, 4, 5, 6]);
    for (const gradient of found.slice(1, 3)) expectClose(gradient, new Float32Array(4), { absolute: 1e-30 });
  });

  it("is 0, and so are its gradients, where dropout drops all", () => {
    const { found } = run(engine, { queries: 3, keys: 20, options: { dropout: 1 } });
    for (const zeros of found) expectIdentical(zeros.map(Math.abs), new Float32Array(zeros.length));
  });

  it("keeps NaN to the queries that see it", () => {
    const data = [randomFloats(6, 1), randomFloats(6, 2), randomFloats(6, 3)];
    data[0]![2] = NaN;
    const [y] = run(engine, { queries: 3, keys: 3, features: 2, heads: 1, data }).found;
    expect(Array.from(y!, Number.isNaN)).toEqual([false, false, true, true, false, false]);
  });

  it("takes memory that grows with the length, not with its square", () => {
    const bytes = (length: number): number => {
      const graph = new Graph();
      const values = [1, 2, 3].map((i) => graph.input([length, 4], `input ${i}`, "f32", true));
      const y = scaledDotProductAttention(values[0]!, values[1]!, values[2]!);
      const program = new Program(engine, graph, { outputs: [y], backward: { from: y }, gradients: values });
      const { bytes } = engine.arena;
      program.dispose();
      return bytes;
    };
    const [some, four] = [bytes(4096), bytes(16384)];
    expect(four / some).toBeLessThan(4.1);
  });

  it("says which shapes do not fit", () => {
    const graph = new Graph();
    const x = (...shape: number[]): Value => graph.input(shape, "x");
    const attention = (...shapes: [number[], number[], number[]]) => {
      const [query, key, value] = shapes.map((shape) => x(...shape)) as [Value, Value, Value];
      return () => scaledDotProductAttention(query, key, value);
    };
    expect(attention([3], [3], [3])).toThrow(ShapeError);
    expect(attention([2, 3], [2, 4], [2, 4])).toThrow(/query and key must have as many features/);
    expect(attention([2, 3], [4, 3], [5, 3])).toThrow(/a value for each key/);
    expect(attention([2, 2, 3], [3, 2, 3], [2, 2, 3])).toThrow(/equal or 1/);
    expect(() => scaledDotProductAttention(x(2, 3), x(4, 3), x(4, 3), { mask: x(3, 4) })).toThrow(
      /mask is .* must broadcast to the scores \[2, 4\]/,
    );
    expect(() => rotaryEmbedding(x(2, 3))).toThrow(ShapeError);
  });
});

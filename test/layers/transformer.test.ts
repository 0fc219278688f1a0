import { describe, expect, it } from "vitest";
import { createEngine, nn, ops, ShapeError } from "../../src/index.js";
import { Graph, Program, type Shape, sizeOf, type Value } from "../../src/graph/index.js";
import { expectClose, expectIdentical } from "../expect.js";
import { attend, beside, linear, type Matrix, part } from "../oracle/attention.js";
import { randomFloats } from "../random.js";

type State = ReadonlyMap<string, { readonly data: Float32Array }>;
/** What is added to the score of a query and a key. */
type Added = (row: number, column: number) => number;

const features = 6;
const numHeads = 2;
const length = 4;

describe("layers of transformers", async () => {
  const engine = await createEngine({ seed: 5, threads: 1 });

  /** The output of a layer for one sample x, with further inputs made of constants, and its state. */
  function apply(
    layer: nn.Layer,
    inputs: Readonly<Record<string, { readonly shape: Shape; readonly data: Float32Array | Uint8Array }>> = {},
    { x = randomFloats(length * features, 1), inputShape = [length, features] as Shape } = {},
  ): { readonly y: Float32Array; readonly state: State; readonly x: Float32Array } {
    const whole: nn.Layer = {
      name: "whole",
      apply(value, scope) {
        const given = Object.entries(inputs).map(([name, { shape, data }]): [string, Value] => {
          const type = data instanceof Uint8Array ? "bool" : "f32";
          return [name, value.graph.constant(shape, data, name, type)];
        });
        return scope.apply("it", layer, value, Object.fromEntries(given));
      },
    };
    const model = nn.sequential(whole).build(engine, { inputShape });
    // Biases and norms begin at 0 and 1, where mistakes would not show.
    const state = new Map(
      [...model.state()].map(([name, { shape }], i) => [name, { shape, data: randomFloats(sizeOf(shape), i + 20) }]),
    );
    model.loadState(state);
    const graph = new Graph();
    const input = graph.input([1, ...inputShape], "x");
    const output = model.trace(graph, input, false);
    const program = new Program(engine, graph, { outputs: [output] });
    program.write(input, x);
    program.run();
    const y = program.read(output);
    program.dispose();
    model.dispose();
    const names = [...state].map(([name, tensor]) => [name.replace("0.it.", ""), tensor] as const);
    return { y, state: new Map(names), x };
  }

  function projected(state: State, name: string, x: Matrix): Matrix {
    return linear(x, state.get(`${name}.weight`)!.data, state.get(`${name}.bias`)!.data);
  }

  function attention(state: State, prefix: string, x: Matrix, key: Matrix, value: Matrix, added?: Added): Matrix {
    const [q, k, v] = (
      [
        ["query", x],
        ["key", key],
        ["value", value],
      ] as const
    ).map(([name, of]) => projected(state, prefix + name, of)) as [Matrix, Matrix, Matrix];
    const size = q.columns / numHeads;
    const heads = Array.from({ length: numHeads }, (_, head) =>
      attend(part(q, head * size, size), part(k, head * size, size), part(v, head * size, size), added),
    );
    return projected(state, `${prefix}output`, beside(heads));
  }

  const sum = (a: Matrix, b: Matrix): Matrix => ({ ...a, data: Array.from(a.data, (x, i) => x + b.data[i]!) });

  function normalised(state: State, name: string, { data, columns }: Matrix): Matrix {
    const [weight, bias] = ["weight", "bias"].map((kind) => state.get(`${name}.${kind}`)!.data);
    const rows = Array.from({ length: data.length / columns }, (_, row) => {
      const elements = Array.from({ length: columns }, (_, i) => data[row * columns + i]!);
      const mean = elements.reduce((a, b) => a + b, 0) / columns;
      const variance = elements.reduce((a, b) => a + (b - mean) ** 2, 0) / columns;
      return elements.map((x, i) => ((x - mean) / Math.sqrt(variance + 1e-5)) * weight![i]! + bias![i]!);
    });
    return { data: rows.flat(), columns };
  }

  function forward(state: State, x: Matrix): Matrix {
    const hidden = projected(state, "linear1", x);
    return projected(state, "linear2", { ...hidden, data: Array.from(hidden.data, (y) => Math.max(y, 0)) });
  }

  const causal: Added = (row, column) => (column > row ? -Infinity : 0);
  const tolerance = { absolute: 1e-5, relative: 1e-5 };

  it("multiHeadAttention attends to x itself, with each of its heads", () => {
    const { y, x, state } = apply(nn.multiHeadAttention(numHeads));
    const matrix = { data: x, columns: features };
    expectClose(y, attention(state, "", matrix, matrix, matrix).data, tolerance);
    expect([...state.keys()]).toEqual(
      ["query", "key", "value", "output"].flatMap((name) => [`${name}.weight`, `${name}.bias`]),
    );
  });

  it("multiHeadAttention takes keys and values of other sizes, a padding mask and a mask", () => {
    const keys = 5;
    const [key, value] = [
      { shape: [1, keys, 3], data: randomFloats(15, 7) },
      { shape: [1, keys, 2], data: randomFloats(10, 8) },
    ];
    const keyPaddingMask = { shape: [1, keys], data: Uint8Array.of(1, 1, 0, 1, 1) };
    const added = randomFloats(length * keys, 9, 2);
    const seen = Uint8Array.from(added, (number) => Number(number > -1));
    const layer = nn.multiHeadAttention({ numHeads, embedDim: features, kdim: 3, vdim: 2, isCausal: true });
    for (const [mask, of] of [
      [{ shape: [length, keys], data: added }, (i: number) => added[i]!],
      [{ shape: [1, length, keys], data: seen }, (i: number) => (seen[i] === 1 ? 0 : -Infinity)],
      [{ shape: [1, 1, length, keys], data: seen }, (i: number) => (seen[i] === 1 ? 0 : -Infinity)],
    ] as const) {
      const { y, x, state } = apply(layer, { key, value, keyPaddingMask, mask });
      const hides: Added = (row, column) =>
        (column === 2 ? -Infinity : 0) + of(row * keys + column) + causal(row, column);
      const [k, v] = [
        { data: key.data, columns: 3 },
        { data: value.data, columns: 2 },
      ];
      expectClose(y, attention(state, "", { data: x, columns: features }, k, v, hides).data, tolerance);
    }
  });

  it.each([false, true])("transformerEncoderLayer adds attention and two products, normFirst %s", (normFirst) => {
    const options = { numHeads, dimFeedforward: 7, normFirst, isCausal: true };
    const { y, x, state } = apply(nn.transformerEncoderLayer(options));
    const norm = (i: number, of: Matrix): Matrix => normalised(state, `norm${i}`, of);
    let sofar: Matrix = { data: x, columns: features };
    const parts = [
      (of: Matrix) => attention(state, "selfAttention.", of, of, of, causal),
      (of: Matrix) => forward(state, of),
    ];
    parts.forEach((f, i) => {
      sofar = normFirst ? sum(sofar, f(norm(i + 1, sofar))) : norm(i + 1, sum(sofar, f(sofar)));
    });
    expectClose(y, sofar.data, tolerance);
  });

  it.each([false, true])("transformerDecoderLayer attends to memory between them, normFirst %s", (normFirst) => {
    const options = { numHeads, dimFeedforward: 7, normFirst };
    const memory = { shape: [1, 3, 5], data: randomFloats(15, 6) };
    const mask = { shape: [length, length], data: Uint8Array.from({ length: 16 }, (_, i) => Number(i % 4 <= i >> 2)) };
    const memoryKeyPaddingMask = { shape: [1, 3], data: Uint8Array.of(1, 0, 1) };
    const { y, x, state } = apply(nn.transformerDecoderLayer(options), { memory, mask, memoryKeyPaddingMask });
    const norm = (i: number, of: Matrix): Matrix => normalised(state, `norm${i}`, of);
    const read = { data: memory.data, columns: 5 };
    const hidden: Added = (_, column) => (column === 1 ? -Infinity : 0);
    let sofar: Matrix = { data: x, columns: features };
    const parts = [
      (of: Matrix) => attention(state, "selfAttention.", of, of, of, causal),
      (of: Matrix) => attention(state, "crossAttention.", of, read, read, hidden),
      (of: Matrix) => forward(state, of),
    ];
    parts.forEach((f, i) => {
      sofar = normFirst ? sum(sofar, f(norm(i + 1, sofar))) : norm(i + 1, sum(sofar, f(sofar)));
    });
    expectClose(y, sofar.data, tolerance);
  });

  it("stacks have weights of their own in each layer, and a last norm if asked", () => {
    const options = { numHeads, dimFeedforward: 3, numLayers: 2 };
    const namesOf = (layer: nn.Layer): readonly string[] => [...apply(layer).state.keys()];
    const layerNames = namesOf(nn.transformerEncoderLayer({ numHeads, dimFeedforward: 3 }));
    const names = [0, 1].flatMap((i) => layerNames.map((name) => `layers.${i}.${name}`));
    expect(namesOf(nn.transformerEncoder(options))).toEqual(names);
    expect(namesOf(nn.transformerEncoder({ ...options, norm: true }))).toEqual([...names, "norm.weight", "norm.bias"]);
    const memory = { shape: [1, 3, features], data: randomFloats(18, 6) };
    const { state } = apply(nn.transformerDecoder({ ...options, bias: false }), { memory });
    expect([...state.keys()].filter((name) => name.endsWith("bias"))).toEqual([]);
    expect(state.has("layers.1.crossAttention.query.weight")).toBe(true);
  });

  it("activations may be named, or be a layer or a function", () => {
    const run = (activation: "gelu" | nn.LayerLike): Float32Array =>
      apply(nn.transformerEncoderLayer({ numHeads, dimFeedforward: 5, activation })).y;
    for (const same of [ops.gelu, nn.gelu, nn.gelu(), (x: Value) => ops.gelu(x)])
      expectIdentical(run(same), run("gelu"));
    expect(run("gelu")).not.toEqual(run((x) => x));
  });

  it("sinusoidalPositions adds sines and cosines, learnedPositions rows of its own", () => {
    const zeros = { x: new Float32Array(15), inputShape: [3, 5] as Shape };
    const { y } = apply(nn.sinusoidalPositions(), {}, zeros);
    const angles = [0, 1, 2].flatMap((t) => [0, 0, 2, 2, 4].map((i) => t * 10000 ** (-i / 5)));
    expectClose(
      y,
      angles.map((angle, i) => ((i % 5) % 2 === 0 ? Math.sin(angle) : Math.cos(angle))),
      {
        absolute: 1e-7,
      },
    );
    const learned = apply(nn.learnedPositions(4), {}, zeros);
    expectIdentical(learned.y, learned.state.get("weight")!.data.subarray(0, 15));
    expect(() => apply(nn.learnedPositions(2), {}, zeros)).toThrow(ShapeError);
  });

  it("wrong sizes are refused where they stand", () => {
    expect(() => apply(nn.multiHeadAttention(4))).toThrow(/6 features, which 4 heads cannot share out evenly/);
    expect(() => apply(nn.multiHeadAttention({ numHeads, embedDim: 8 }))).toThrow(
      /wants x of shape \[..., length, 8\]/,
    );
    const keyPaddingMask = { shape: [1, 3], data: new Uint8Array(3) };
    expect(() => apply(nn.multiHeadAttention(2), { keyPaddingMask })).toThrow(/keyPaddingMask of shape \[2, 4\]/);
    expect(() => apply(nn.transformerDecoderLayer({ numHeads }))).toThrow(/wants the output of an encoder/);
  });

  it("dropout drops while training alone", () => {
    const model = nn.sequential(nn.transformerEncoderLayer({ numHeads, dimFeedforward: 4, dropout: 0.5 }));
    const built = model.build(engine, { inputShape: [length, features] });
    const kinds = (training: boolean): readonly string[] => {
      const graph = new Graph();
      built.trace(graph, graph.input([1, length, features], "x"), training);
      return graph.nodes.map(({ operation }) => operation.name);
    };
    expect(kinds(true).filter((name) => name === "dropout")).toHaveLength(3);
    expect(kinds(false)).not.toContain("dropout");
    built.dispose();
  });
});

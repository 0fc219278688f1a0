import { describe, expect, it } from "vitest";
import { ArgumentError, createEngine, nn, ShapeError } from "../../src/index.js";
import { Graph, Program, type Value } from "../../src/graph/index.js";
import { expectClose, expectIdentical } from "../expect.js";
import { recurrentOf, type RecurrentParameters } from "../oracle/recurrent.js";
import { randomFloats } from "../random.js";

const [batch, steps, features, size] = [4, 5, 3, 6];
/** Of each sample. */
const lengths = [3, 0, 5, 1];

/** A layer that takes the states and lengths of `inputs` from the graph. */
function within(layer: nn.Layer, inputs: (x: Value) => nn.LayerInputs): nn.Layer {
  return { name: "outer", apply: (x, scope) => scope.apply("inner", layer, x, inputs(x)) };
}

describe.each([
  ["rnn", nn.rnn, "tanh"],
  ["gru", nn.gru, "gru"],
  ["lstm", nn.lstm, "lstm"],
] as const)("nn.%s", async (name, factory, kind) => {
  const engine = await createEngine({ seed: 3, threads: 1 });
  const stateOf = (seed: number): Float32Array => randomFloats(4 * batch * size, seed);

  /** What two layers in both directions make of x, with lengths and states to begin from; the last states if `last`. */
  function expected(x: Float32Array, state: ReadonlyMap<string, { readonly data: Float32Array }>, last: boolean) {
    const samples = Array.from({ length: batch }, (_, sample) => {
      let rows: ArrayLike<number> = x.subarray(sample * steps * features, (sample + 1) * steps * features);
      let width = features;
      let final: number[] = [];
      for (let layer = 0; layer < 2; layer++) {
        const results = [false, true].map((reverse, direction) => {
          const end = `L${layer}${reverse ? "Reverse" : ""}`;
          const names = ["weightIh", "weightHh", "biasIh", "biasHh"] as const;
          const parameters = Object.fromEntries(
            names.map((parameter) => [parameter, state.get(`0.inner.${parameter}${end}`)!.data]),
          ) as unknown as RecurrentParameters;
          const at = ((2 * layer + direction) * batch + sample) * size;
          const before = (seed: number): Float32Array => stateOf(seed).subarray(at, at + size);
          const setting = { kind, steps, features: width, size, reverse };
          return recurrentOf(setting, rows, parameters, lengths[sample], before(1), before(2));
        });
        rows = Float64Array.from({ length: steps * 2 * size }, (_, i) => {
          const [step, column] = [Math.floor(i / (2 * size)), i % (2 * size)];
          return results[Math.floor(column / size)]!.y[step * size + (column % size)]!;
        });
        final = results.flatMap(({ hidden }) => [...hidden]);
        width = 2 * size;
      }
      return last ? final : Array.from(rows);
    });
    return Float64Array.from(samples.flat());
  }

  function run(returnSequences: boolean) {
    const layer = factory({ hiddenSize: size, numLayers: 2, bidirectional: true, returnSequences, dropout: 0.5 });
    const model = nn
      .sequential(
        within(layer, ({ graph, shape: [length] }) => {
          // The model is built with a batch of another size.
          const contents = <T>(elements: T): T | number => (length === batch ? elements : 0);
          const shape = [4, length!, size];
          return {
            hidden: graph.constant(shape, contents(stateOf(1))),
            ...(name === "lstm" && { cell: graph.constant(shape, contents(stateOf(2))) }),
            lengths: graph.constant([length!], contents(Int32Array.from(lengths)), "lengths", "i32"),
          };
        }),
      )
      .build(engine, { inputShape: [steps, features] });
    const graph = new Graph();
    const x = graph.input([batch, steps, features], "x");
    const y = model.trace(graph, x, false);
    const program = new Program(engine, graph, { outputs: [y] });
    const data = randomFloats(x.size, 5);
    program.write(x, data);
    program.run();
    return { found: program.read(y), wanted: expected(data, model.state(), !returnSequences), y };
  }

  it("is layers on top of each other in both directions, of samples with lengths of their own", () => {
    const { found, wanted, y } = run(true);
    expect(y.shape).toEqual([batch, steps, 2 * size]);
    expectClose(found, wanted, { absolute: 1e-5 });
    // The second sample has no step, the first ends after three.
    expectIdentical(found.subarray(steps * 2 * size, 2 * steps * 2 * size), new Float32Array(steps * 2 * size));
    expectIdentical(found.subarray(3 * 2 * size, steps * 2 * size), new Float32Array(2 * 2 * size));
  });

  it("gives the states after the last steps instead, if asked", () => {
    const { found, wanted, y } = run(false);
    expect(y.shape).toEqual([batch, 2 * size]);
    expectClose(found, wanted, { absolute: 1e-5 });
  });

  it("drops elements between layers in training alone", () => {
    const model = nn
      .sequential(factory({ hiddenSize: size, numLayers: 2, dropout: 0.5 }))
      .build(engine, { inputShape: [steps, features] });
    const nodesOf = (training: boolean): string[] => {
      const graph = new Graph();
      model.trace(graph, graph.input([2, steps, features], "x"), training);
      return graph.nodes.map(({ operation }) => operation.name);
    };
    expect(nodesOf(true).filter((operation) => operation === "dropout")).toHaveLength(1);
    expect(nodesOf(false)).not.toContain("dropout");
  });

  it("names its state as PyTorch does, and begins as PyTorch does", () => {
    const gates = { rnn: 1, gru: 3, lstm: 4 }[name];
    const { entries } = nn
      .sequential(factory({ hiddenSize: size, bidirectional: true }))
      .build(engine, { inputShape: [steps, features] });
    const shapes = [
      ["weightIh", [features, gates * size]],
      ["weightHh", [size, gates * size]],
      ["biasIh", [gates * size]],
      ["biasHh", [gates * size]],
    ] as const;
    expect(entries.map((entry) => [entry.name, entry.shape])).toEqual(
      ["L0", "L0Reverse"].flatMap((end) => shapes.map(([parameter, shape]) => [`0.${parameter}${end}`, shape])),
    );
    const plain = nn.sequential(factory({ hiddenSize: size, bias: false })).build(engine, { inputShape: [1, 2] });
    expect(plain.entries.map((entry) => entry.name)).toEqual(["0.weightIhL0", "0.weightHhL0"]);
    const [weight] = plain.state().values();
    const largest = Math.max(...Array.from(weight!.data, Math.abs));
    expect(largest).toBeLessThanOrEqual(1 / Math.sqrt(size));
    expect(largest).toBeGreaterThan(0.5 / Math.sqrt(size));
  });

  it("says what is wrong with its inputs", () => {
    const build = (layer: nn.LayerLike, inputShape: readonly number[]) => () =>
      nn.sequential(layer).build(engine, { inputShape });
    expect(build(factory(size), [features])).toThrow(/layer 0 \(\w+\): wants \[batch, steps, features\]/);
    const given = (inputs: (x: Value) => nn.LayerInputs) => build(within(factory(size), inputs), [steps, features]);
    expect(given(({ graph }) => ({ hidden: graph.constant([1, 1, size + 1], 0) }))).toThrow(/hiddenSize\] = \[1, /);
    expect(given(({ graph }) => ({ lengths: graph.constant([1], 1) }))).toThrow(ShapeError);
    expect(given(({ graph }) => ({ length: graph.constant([1], 1) }))).toThrow(ArgumentError);
    expect(() => factory({ hiddenSize: 0 })).toThrow(/hiddenSize/);
    expect(() => factory({ hiddenSize: 1, dropout: 1 })).toThrow(/dropout/);
  });
});

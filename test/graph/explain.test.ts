import { describe, expect, it } from "vitest";
import { workOf } from "../../bench/work.js";
import { createEngine, data, type Explanation, Graph, losses, nn, ops, optim, StateError } from "../../src/index.js";
import { Program, Trainer } from "../../src/index.js";

/** FLOPs of products and convolutions. */
function products({ records }: Explanation): number {
  const isProduct = (kernel: string): boolean => kernel === "gemm" || kernel.startsWith("conv2d");
  return records.reduce((sum, { kernel, flops }) => (isProduct(kernel) ? sum + flops! : sum), 0);
}

const sgd = optim.sgd({ learningRate: 0.5 });
const adam = optim.adam({ learningRate: 1e-3 });
const linear = (outFeatures: number): nn.Layer => nn.linear({ outFeatures });
const stage = (outChannels: number): nn.Layer[] => [
  nn.conv2d({ outChannels, kernelSize: 3, padding: 1 }),
  ...[nn.batchNorm(), nn.relu(), nn.maxPool2d({ kernelSize: 2 })],
];

/** The networks whose steps are measured. */
const networks = {
  a: { layers: [linear(128), nn.sigmoid(), linear(64), nn.sigmoid(), linear(10)], inputShape: [784], optimizer: sgd },
  b: { layers: [linear(256), nn.relu(), linear(128), nn.relu(), linear(10)], inputShape: [784], optimizer: adam },
  c: {
    layers: [...stage(16), ...stage(32), nn.flatten(), linear(128), nn.relu(), linear(10)],
    ...{ inputShape: [28, 28, 1], optimizer: adam },
  },
};

describe("explain", () => {
  it.each<{ letter: "a" | "b" | "c"; records: number; bytes: number; arena: number; rules: string[] }>([
    { letter: "a", records: 27, bytes: 3_746_000, arena: 315_776, rules: [] },
    { letter: "b", records: 26, bytes: 10_575_000, arena: 1_069_440, rules: ["ReLU after a layer: 2 ×"] },
    {
      ...{ letter: "c", records: 49, bytes: 77_944_000, arena: 9_098_240 },
      rules: ["ReLU before pooling: 2 ×", "pooling after batch norm: 2 ×", "ReLU after a layer: 1 ×"],
    },
  ])("tells what step ($letter) does, which is no more than it was", async (expected) => {
    const engine = await createEngine({ seed: 1, build: "simd", threads: 1 });
    const { layers, inputShape, optimizer } = networks[expected.letter];
    const model = nn.sequential(...layers).build(engine, { inputShape });
    const samples = { inputs: new Float32Array(64 * 784), targets: new Int32Array(64) };
    const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer });
    const explained = trainer.trainingProgram(data.dataset({ ...samples, inputShape }), 64).explain();
    expect(explained.records.length).toBeLessThanOrEqual(expected.records);
    expect(explained.bytes).toBeLessThanOrEqual(expected.bytes);
    expect(explained.arenaBytes).toBeLessThanOrEqual(expected.arena);
    expect(explained.rules.map(({ rule, times }) => `${rule}: ${times} ×`)).toEqual(expected.rules);
    expect(products(explained)).toBe(workOf(expected.letter, true, 64).flops);
  });

  it("counts what rules did, and says where every record came from and in which part of a run it is", async () => {
    const engine = await createEngine({ seed: 1, threads: 1 });
    const graph = new Graph();
    const x = graph.input([2, 3], "x");
    const weight = graph.constant([3, 4], 1, "weight");
    const y = graph.within("my place", () => ops.exp(ops.relu(ops.linear(x, weight))));
    const scaled = ops.multiply(y, ops.scale(graph.constant([2, 4], 2, "two"), 3));
    const explained = new Program(engine, graph, { outputs: [scaled] }).explain();
    expect(explained.rules).toEqual([
      { rule: "ReLU after a layer", times: 1, before: 5, after: 4 },
      { rule: "elementwise operations in one pass", times: 1, before: 4, after: 3 },
    ]);
    const one = { kernel: "pointwise" };
    const source = "linear in my place + relu in my place";
    expect(explained.records).toEqual([
      {
        section: "prepare",
        ...one,
        source: "scale",
        bytes: 32,
        flops: 8,
        instructions: ["v0 = multiply(2, 3), written"],
      },
      { section: "forward", kernel: "gemm", source, bytes: 24 + 48 + 32, flops: 48 },
      {
        ...{ section: "forward", ...one, source: "exp in my place + multiply", bytes: 96, flops: undefined },
        instructions: ["v1 = exp(v0)", "v3 = multiply(v1, v2), written"],
      },
    ]);
    expect([explained.bytes, explained.flops]).toEqual([32 + 104 + 96, 56]);
    const table = String(explained);
    expect(table).toContain("ReLU after a layer: 1 ×, 5 → 4 nodes");
    expect(table).toMatch(/forward +gemm +104 +48 {2}linear in my place \+ relu in my place/);
    expect(table).toMatch(/forward +pointwise +96 +\? {2}exp in my place \+ multiply\n +v1 = exp\(v0\)\n/);
    expect(table).toMatch(/3 records +232 +56 {2}FLOPs of 1 records are not known/);
  });

  it("is no more to be had of a program that was disposed", async () => {
    const engine = await createEngine({ threads: 1 });
    const graph = new Graph();
    const program = new Program(engine, graph, { outputs: [ops.relu(graph.input([2], "x"))] });
    program.dispose();
    expect(() => program.explain()).toThrow(StateError);
  });
});

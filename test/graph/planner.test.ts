import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stepTrainer } from "../../bench/rows/steps.js";
import { kernelCall, type KernelCall } from "../../src/engine/index.js";
import {
  MemoryRange,
  Graph,
  type MemoryPlan,
  type Placement,
  planMemory,
  Program,
  type Value,
} from "../../src/graph/index.js";
import { createEngine, nn } from "../../src/index.js";
import { linear } from "../../src/ops/products/linear.js";
import { relu } from "../../src/ops/activations/relu.js";

function copy(x: MemoryRange, y: MemoryRange): KernelCall {
  return kernelCall("copy", { x, y, bytes: 4 });
}

/** The arena that the planner's rule needs, found by looking at every buffer that was placed before. */
function naiveArena(placements: readonly Placement[]): number {
  const placed: { first: number; last: number; start: number; end: number }[] = [];
  for (const { first, last, bytes } of placements) {
    let start = 0;
    for (const other of placed) {
      if (other.last < first || other.first > last) continue;
      if (other.start - start >= bytes) break;
      start = Math.max(start, other.end);
    }
    placed.push({ first, last, start, end: start + bytes });
    placed.sort((a, b) => a.start - b.start);
  }
  return placed.reduce((bytes, { end }) => Math.max(bytes, end), 0);
}

/** Expects that nothing alive together overlaps, and that the arena is no larger than by the naive search. */
function expectGoodPlan({ placements, arenaBytes }: MemoryPlan): void {
  let overlaps = 0;
  placements.forEach((a, i) => {
    expect(a.offset % 64).toBe(0);
    expect(a.offset + a.bytes).toBeLessThanOrEqual(arenaBytes);
    for (const b of placements.slice(i + 1)) {
      if (a.last < b.first || b.last < a.first) continue;
      if (a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes) overlaps++;
    }
  });
  expect(overlaps).toBe(0);
  expect(arenaBytes).toBeLessThanOrEqual(naiveArena(placements));
}

/** The records of a chain of layers and of its gradients, which need what the layers made. */
function trainingCalls(layers: number, bytesOf: (buffer: number) => number): KernelCall[] {
  let count = 0;
  const buffer = (): MemoryRange => MemoryRange.planned(bytesOf(count), `buffer ${count++}`);
  const kept = [buffer()];
  const calls: KernelCall[] = [];
  for (let i = 0; i < layers; i++) {
    const [before, product, after] = [kept[i]!, buffer(), buffer()];
    calls.push(copy(before, product), copy(product, after));
    kept.push(after);
  }
  let gradient = buffer();
  for (let i = layers; i > 0; i--) {
    const [masked, next] = [buffer(), buffer()];
    calls.push(kernelCall("reluBackward", { y: kept[i]!, dy: gradient, dx: masked, count: 1 }), copy(masked, next));
    gradient = next;
  }
  return calls;
}

describe("planMemory", () => {
  it("never overlaps buffers that are alive together, and wastes no more than a naive search, for random programs", () => {
    const size = fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.constantFrom(64, 1024, 4096));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(39), fc.nat(39)), { maxLength: 120 }),
        fc.array(size, { minLength: 40, maxLength: 40 }),
        fc.nat(4),
        (pairs, bytes, pinned) => {
          const buffers = bytes.map((length, i) => MemoryRange.planned(length, `buffer ${i}`));
          const calls = pairs.map(([a, b]) => copy(buffers[a]!, buffers[b]!));
          expectGoodPlan(planMemory(calls, buffers.slice(0, pinned)));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("does so for random trainings, where lifetimes are nested and short", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), sizes, (layers, bytes) => {
        expectGoodPlan(
          planMemory(
            trainingCalls(layers, (i) => bytes[i % bytes.length]! * 100),
            [],
          ),
        );
      }),
      { numRuns: 60 },
    );
  });

  it.each(["a", "b", "c"])("does so for training step (%s)", async (letter) => {
    const engine = await createEngine({ seed: 1, threads: 1 });
    expectGoodPlan(stepTrainer(engine, letter).program.plan);
  });

  it("does so for inference", async () => {
    const engine = await createEngine({ seed: 1, threads: 1 });
    const layers = [16, 32].flatMap((outChannels) => [
      nn.conv2d({ outChannels, kernelSize: 3, padding: 1 }),
      nn.batchNorm(),
      nn.relu(),
      nn.maxPool2d({ kernelSize: 2 }),
    ]);
    const model = nn.sequential(...layers, nn.flatten(), nn.linear({ outFeatures: 10 })).build(engine, {
      inputShape: [28, 28, 1],
    });
    const graph = new Graph();
    const output = model.trace(graph, graph.input([8, 28, 28, 1], "x"), false);
    expectGoodPlan(new Program(engine, graph, { outputs: [output] }).plan);
  });

  it("does so for 200 layers and their gradients", async () => {
    const engine = await createEngine({ seed: 1, threads: 1 });
    const graph = new Graph();
    let x = graph.input([2, 8], "x", "f32", true);
    const parameters: Value[] = [x];
    for (let i = 0; i < 200; i++) {
      const weight = graph.input([8, 8], `weight ${i}`, "f32", true);
      const bias = graph.input([8], `bias ${i}`, "f32", true);
      parameters.push(weight, bias);
      x = relu(linear(x, weight, bias));
    }
    const compiled = new Program(engine, graph, { outputs: [x], backward: { from: x }, gradients: parameters });
    expectGoodPlan(compiled.plan);
  });

  it("gives the same plan each time", () => {
    const offsets = (): number[] =>
      planMemory(
        trainingCalls(50, (i) => ((i * 7919) % 50) * 64),
        [],
      ).placements.map(({ offset }) => offset);
    expect(offsets()).toEqual(offsets());
  });

  it("does not take the square of the time for more records", () => {
    const milliseconds = (layers: number): number => {
      const calls = trainingCalls(layers, (i) => 1000 + (i % 8) * 640);
      const start = process.cpuUsage();
      planMemory(calls, []);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000;
    };
    // The best of many, for the first ones are compiled, and other tests share the processor and its caches. A quadratic search
    // takes 16 to 20 times as long.
    let [small, large] = [Infinity, Infinity];
    for (let attempt = 0; attempt < 30 && !(attempt > 3 && large < 8 * small); attempt++) {
      small = Math.min(small, milliseconds(1600));
      large = Math.min(large, milliseconds(6400));
    }
    expect(large / small).toBeLessThan(10);
  });

  it("keeps two buffers alive at a time for a chain, whatever its length", () => {
    const chain = Array.from({ length: 10 }, (_, i) => MemoryRange.planned(1024, `step ${i}`));
    const calls = chain.slice(1).map((buffer, i) => copy(chain[i]!, buffer));
    expect(planMemory(calls, []).arenaBytes).toBe(2048);
  });

  it("counts a use of a view as a use of its root", () => {
    const [root, other, result] = ["root", "other", "result"].map((label) => MemoryRange.planned(256, label));
    const calls = [copy(root!, other!), copy(other!, result!), copy(root!.view(128), result!)];
    const { placements } = planMemory(calls, []);
    expect(placements.find(({ buffer }) => buffer === root)).toMatchObject({ first: 0, last: 2 });
  });

  it("keeps pinned buffers alive from before the first record to after the last", () => {
    const [x, y, z] = ["x", "y", "z"].map((label) => MemoryRange.planned(64, label));
    const { placements } = planMemory([copy(x!, y!), copy(y!, z!)], [x!]);
    expect(placements.find(({ buffer }) => buffer === x)).toMatchObject({ first: -1, last: 2 });
  });
});

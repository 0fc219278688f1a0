import { describe, expect, it } from "vitest";
import { createEngine, data, type Engine, Graph, type Model, MemoryError, nn, ops, Program } from "../../src/index.js";
import { expectIdentical } from "../expect.js";
import { randomFloats } from "../random.js";
import { buildModel, inputShape, inputSize, samples, trainerOf } from "./parts.js";

const megabyte = 2 ** 20;

/** A model of about 2 MB, its gradients included. */
const largeModel = (engine: Engine): Model =>
  nn
    .sequential(nn.linear({ outFeatures: 256, initializer: nn.initializers.zeros }), nn.relu())
    .build(engine, { inputShape: [1024] });

const largeSamples = (): data.Dataset =>
  data.dataset({ inputs: new Float32Array(64 * 1024), inputShape: [1024], targets: new Uint8Array(64) });

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("memory that is too small for all that is made", () => {
  it("is enough for a synchronous loop that disposes", async () => {
    const engine = await createEngine({ threads: 1, maximumMemory: 8 * megabyte });
    const before = engine.memory.allocatedBytes;
    for (let i = 0; i < 100; i++) {
      const model = largeModel(engine);
      model.predict(new Float32Array(1024));
      trainerOf(model).trainStep(largeSamples(), 0, 8);
      model.dispose();
      expect(engine.memory.allocatedBytes).toBe(before);
    }
  });

  it("is enough for a loop that drops, if the event loop turns", async () => {
    const engine = await createEngine({ threads: 1, maximumMemory: 24 * megabyte });
    for (let i = 0; i < 60; i++) {
      const model = largeModel(engine);
      model.predict(new Float32Array(1024));
      trainerOf(model).trainStep(largeSamples(), 0, 8);
      await turn();
    }
    expect(engine.memory.byteLength).toBeLessThanOrEqual(24 * megabyte);
  });

  it("is enough for a loop that drops and awaits nothing but training", async () => {
    const engine = await createEngine({ threads: 1, maximumMemory: 24 * megabyte });
    for (let i = 0; i < 40; i++) {
      const trainer = trainerOf(largeModel(engine));
      const dataset = largeSamples();
      for await (const { loss } of trainer.fit(dataset)) expect(loss).toBeGreaterThan(0);
      expect((await trainer.evaluate(dataset)).loss).toBeGreaterThan(0);
    }
  });

  it("is enough for programs of a live model: those not used for longest are compiled again", async () => {
    const free = await createEngine({ threads: 1, seed: 4 });
    const tight = await createEngine({ threads: 1, seed: 4, maximumMemory: 600_000 });
    const convolution = nn.sequential(
      nn.conv2d({ outChannels: 4, kernelSize: 3, padding: 1 }),
      nn.relu(),
      nn.flatten(),
      nn.linear({ outFeatures: 2 }),
    );
    const models = [free, tight].map((engine) => convolution.build(engine, { inputShape: [16, 16, 1] }));
    const sizes = [70, 3, 71, 70, 1, 72, 3, 73, 74, 75, 76, 77, 70, 3];
    for (const size of sizes) {
      const inputs = randomFloats(size * 256, size);
      const [expected, found] = models.map((model) => model.predict(inputs));
      expectIdentical(found!, expected!);
    }
    expect(models[0]!["predictions"].size).toBe(new Set(sizes).size);
    expect(models[1]!["predictions"].size).toBeLessThan(new Set(sizes).size);
  });

  it("is enough for training, evaluation and prediction in turns, with the same bits as with plenty", async () => {
    const run = async (maximumMemory?: number): Promise<Float32Array[]> => {
      const engine = await createEngine({ threads: 1, seed: 4, ...(maximumMemory && { maximumMemory }) });
      const model = buildModel(engine);
      const trainer = trainerOf(model);
      const dataset = samples(200);
      const results: Float32Array[] = [];
      // Holds the rest: what the programs have is little.
      if (maximumMemory) engine.memory.allocate(maximumMemory - engine.memory.allocatedBytes - 640_000, "the rest");
      for (let i = 1; i <= 12; i++) {
        for await (const { loss } of trainer.fit(dataset, { batchSize: 20 + i })) results.push(Float32Array.of(loss));
        results.push(Float32Array.of((await trainer.evaluate(dataset, { batchSize: 40 + i })).loss));
        results.push(model.predict(dataset.inputs, { batchSize: 30 + i }));
      }
      const cached = trainer["programs"]["cache"].size + model["predictions"].size;
      if (maximumMemory) expect(cached).toBeLessThan(20);
      return results;
    };
    const [plenty, tight] = [await run(), await run(2 * megabyte)];
    tight.forEach((result, i) => expectIdentical(result, plenty[i]!));
  });

  it("is not taken from programs of the caller's own", async () => {
    const engine = await createEngine({ threads: 1, maximumMemory: 2 * megabyte });
    const graph = new Graph();
    const x = graph.input([1000], "x");
    const y = ops.scale(x, 2);
    const program = new Program(engine, graph, { outputs: [y] });
    program.write(x, new Float32Array(1000).fill(3));
    program.run();
    const model = buildModel(engine);
    model.predict(randomFloats(inputSize));
    expect(() => engine.memory.allocate(2 * megabyte - 4096, "too much")).toThrow(MemoryError);
    expectIdentical(program.read(y), new Float32Array(1000).fill(6));
    program.run();
    expectIdentical(program.read(y), new Float32Array(1000).fill(6));
    expect(model.predict(randomFloats(inputSize)).length).toBe(3);
  });
});

describe("a MemoryError", () => {
  it("says what is held by what, and what to do", async () => {
    const engine = await createEngine({ threads: 1, maximumMemory: 8 * megabyte });
    const model = largeModel(engine);
    const trainer = trainerOf(model);
    trainer.trainStep(largeSamples(), 0, 8);
    const graph = new Graph();
    const program = new Program(engine, graph, { outputs: [ops.exp(ops.exp(graph.input([999], "x")))] });
    program.run();
    const refused = (): unknown => engine.memory.allocate(7 * megabyte, "a large batch");
    expect(refused).toThrow(MemoryError);
    for (const part of [
      /^cannot allocate 7340032 bytes for a large batch: linear memory ends at 8388608 bytes\. Bytes held: /,
      ...[/models \d{7}/, /trainers \d{7}/, /data sets \d{6}/, /programs \d{4}/, /activations \d+/],
      /dispose\(\) what is no longer needed: what is merely dropped goes back after the event loop turned/,
    ]) {
      expect(refused).toThrow(part);
    }
  });

  it("leaves everything as it was: what was made before goes on, what was refused holds nothing", async () => {
    const engine = await createEngine({ threads: 1, seed: 1, maximumMemory: 3 * megabyte });
    const model = buildModel(engine);
    const inputs = randomFloats(3 * inputSize);
    const expected = model.predict(inputs);
    const trainer = trainerOf(model);
    const dataset = samples();
    trainer.trainStep(dataset, 0, 8);
    model.loadState(buildModelState(engine));
    const weights = model.state();
    const random = [...engine.random["state"]];
    const trainable = (outFeatures: number) => nn.sequential(nn.linear({ outFeatures }), nn.linear({ outFeatures }));
    const huge = data.dataset({
      inputs: new Float32Array(60_000 * inputSize),
      inputShape,
      targets: new Uint8Array(60_000),
    });
    const refusals: (() => unknown)[] = [
      () => nn.sequential(nn.linear({ outFeatures: 2 ** 18 })).build(engine, { inputShape: [2] }),
      () => trainable(800).build(engine, { inputShape: [100] }),
      () => trainer.trainStep(huge, 0, 8),
      () => model.predict(new Float32Array(20_000 * inputSize), { batchSize: 20_000 }),
      () => {
        const graph = new Graph();
        return new Program(engine, graph, { outputs: [ops.exp(graph.input([500_000], "x"))] });
      },
      () => {
        const graph = new Graph();
        const x = graph.input([1, 400, 400, 1], "x");
        const weight = graph.input([3, 3, 1, 4], "weight");
        return new Program(engine, graph, { outputs: [ops.conv2d(x, weight)] });
      },
    ];
    for (const refused of refusals) {
      engine.arena.trim();
      const before = engine.memory.allocatedBytes;
      expect(refused).toThrow(MemoryError);
      engine.arena.trim();
      expect(engine.memory.allocatedBytes).toBeLessThanOrEqual(before);
      expect([...engine.random["state"]]).toEqual(random);
      expect(model.state()).toEqual(weights);
      expect(trainer.step).toBe(1);
    }
    expect(model.predict(inputs).length).toBe(expected.length);
    expect(trainer.trainStep(dataset, 0, 8).loss).toBeGreaterThan(0);
  });
});

/** State for a model of `buildModel`, of which nothing stays behind. */
function buildModelState(engine: Engine): ReturnType<Model["state"]> {
  const model = buildModel(engine);
  const state = model.state();
  model.dispose();
  return state;
}

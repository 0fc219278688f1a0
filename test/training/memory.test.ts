import { describe, expect, it } from "vitest";
import { createEngine, data, losses, nn, optim, Trainer } from "../../src/index.js";
import { randomFloats } from "../random.js";

describe("training memory", () => {
  it("neither grows linear memory nor changes what is allocated over 1,000 steps, partial batches included", async () => {
    const engine = await createEngine({ seed: 1 });
    const model = nn
      .sequential(
        nn.conv2d({ outChannels: 4, kernelSize: 3, padding: 1 }),
        nn.batchNorm(),
        nn.relu(),
        nn.maxPool2d({ kernelSize: 2 }),
        nn.flatten(),
        nn.dropout({ p: 0.2 }),
        nn.linear({ outFeatures: 3 }),
      )
      .build(engine, { inputShape: [6, 6, 1] });
    const samples = 35;
    const dataset = data.dataset({
      inputs: randomFloats(samples * 36),
      inputShape: [6, 6, 1],
      targets: Uint8Array.from({ length: samples }, (_, i) => i % 3),
    });
    const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.adam({ learningRate: 1e-3 }) });
    const readings: { bytes: number; grown: number; allocated: number; arena: number }[] = [];
    let steps = 0;
    for await (const epoch of trainer.fit(dataset, {
      epochs: 125,
      batchSize: 5,
      validation: dataset,
      onStep: () => steps++,
    })) {
      expect(epoch.loss).toBeGreaterThan(0);
      const { memory, arena } = engine;
      const { byteLength: bytes, growCount: grown, allocatedBytes: allocated } = memory;
      readings.push({ bytes, grown, allocated, arena: arena.bytes });
    }
    // 7 batches an epoch: 8 × 125 = 1,000 programs run with the evaluation.
    expect(steps).toBe(875);
    expect(new Set(readings.map((reading) => JSON.stringify(reading))).size).toBe(1);
  });

  it("gives back what it held of data sets that are no longer used, as when they come in parts", async () => {
    const engine = await createEngine({ seed: 1 });
    const model = nn.sequential(nn.linear({ outFeatures: 3 })).build(engine, { inputShape: [1000] });
    const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.sgd({ learningRate: 1e-3 }) });
    const samples = 250;
    const megabyte = samples * 1000 * 4;
    const peaks: number[] = [];
    for (let part = 0; part < 60; part++) {
      const targets = Uint8Array.from({ length: samples }, (_, i) => i % 3);
      const dataset = data.dataset({ inputs: randomFloats(samples * 1000), inputShape: [1000], targets });
      for await (const { loss } of trainer.fit(dataset)) expect(loss).toBeGreaterThan(0);
      globalThis.gc!();
      // Finalizers run when the event loop turns.
      await new Promise((resolve) => setImmediate(resolve));
      peaks.push(engine.memory.allocatedBytes);
    }
    expect(Math.max(...peaks.slice(20))).toBeLessThan(peaks[0]! + 10 * megabyte);
  });
});

import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createEngine, data, losses, nn, optim, Trainer } from "../../src/index.js";
import { randomFloats } from "../random.js";

const megabyte = 2 ** 20;

/** Resident bytes of this process once garbage is collected. */
async function residentBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc!();
    await delay(20);
  }
  return process.memoryUsage().rss;
}

/** Trains a small network for `epochs` epochs of 10 steps. */
function trainer(engine: Awaited<ReturnType<typeof createEngine>>): (epochs: number) => Promise<void> {
  const model = nn
    .sequential(
      nn.conv2d({ outChannels: 4, kernelSize: 3, padding: 1 }),
      nn.batchNorm(),
      nn.relu(),
      nn.flatten(),
      nn.linear({ outFeatures: 3 }),
    )
    .build(engine, { inputShape: [6, 6, 1] });
  const targets = Uint8Array.from({ length: 80 }, (_, i) => i % 3);
  const dataset = data.dataset({ inputs: randomFloats(80 * 36), inputShape: [6, 6, 1], targets });
  const training = new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.adam({ learningRate: 1e-3 }) });
  return async (epochs) => {
    for await (const { loss } of training.fit(dataset, { epochs, batchSize: 8 }))
      expect(loss).toBeGreaterThanOrEqual(0);
  };
}

describe("resident memory stays flat", () => {
  it.each([1, 2])("over 10,000 steps on %i threads", async (threads) => {
    const engine = await createEngine({ threads });
    const train = trainer(engine);
    // So many steps may pass before V8's young generation has the size that it keeps, 8 MiB more than at first.
    await train(2000);
    const [before, bytes] = [await residentBytes(), engine.memory.byteLength];
    await train(1000);
    const growth = (await residentBytes()) - before;
    console.log(`10,000 steps on ${threads} threads: ${(growth / megabyte).toFixed(1)} MiB more`);
    expect(growth).toBeLessThan(8 * megabyte);
    expect(engine.memory.byteLength).toBe(bytes);
    await engine.close();
  });

  it("over 300 engines opened, used and closed", async () => {
    const use = async (engines: number): Promise<void> => {
      for (let i = 0; i < engines; i++) {
        const engine = await createEngine({ threads: 2 });
        await trainer(engine)(1);
        await engine.close();
      }
    };
    await use(40);
    const growths: number[] = [];
    for (let hundred = 0; hundred < 3; hundred++) {
      const before = await residentBytes();
      await use(100);
      growths.push((await residentBytes()) - before);
    }
    console.log(
      `three times 100 engines: ${growths.map((bytes) => (bytes / megabyte).toFixed(1)).join(", ")} MiB more`,
    );
    // Of each hundred less than a tenth of a megabyte an engine: less than its linear memory, and far less than a worker. Once
    // in some hundred engines Node 26 takes 28 MiB, which it keeps; a leak would show in every hundred.
    expect(growths.sort((a, b) => a - b)[1]).toBeLessThan(10 * megabyte);
  });
});

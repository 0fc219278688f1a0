import { describe, expect, it } from "vitest";
import { createEngine, data, losses, nn, optim, Trainer } from "../../src/index.js";
import { simulateThreads } from "../kernel.js";
import { randomFloats } from "../random.js";

/** Bytes of all state after some epochs of a small network of every layer, and its predictions. */
async function train(threads: number): Promise<Uint8Array> {
  const engine = await createEngine({ seed: 3, reproducible: true });
  if (threads > 1) simulateThreads(engine, threads);
  const model = nn
    .sequential(
      nn.conv2d({ outChannels: 8, kernelSize: 3, padding: 1 }),
      nn.batchNorm(),
      nn.relu(),
      nn.maxPool2d({ kernelSize: 2 }),
      nn.conv2d({ outChannels: 6, kernelSize: [3, 2], stride: 2, padding: 1 }),
      nn.batchNorm(),
      nn.tanh(),
      nn.maxPool2d({ kernelSize: 3, stride: 1, padding: 1 }),
      nn.flatten(),
      nn.linear({ outFeatures: 20 }),
      nn.relu(),
      nn.dropout({ p: 0.3 }),
      nn.residual(nn.linear({ outFeatures: 20 }), nn.sigmoid()),
      nn.linear({ outFeatures: 5 }),
    )
    .build(engine, { inputShape: [10, 9, 2] });
  const samples = 50;
  const inputs = randomFloats(samples * 180, 5);
  const targets = Uint8Array.from({ length: samples }, (_, i) => i % 5);
  const dataset = data.dataset({ inputs, inputShape: [10, 9, 2], targets });
  const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.adam({ learningRate: 1e-2 }) });
  for await (const { loss } of trainer.fit(dataset, { epochs: 3, batchSize: 16 })) expect(loss).toBeGreaterThan(0);
  const arrays = [...model.state().values()].map((tensor) => tensor.data).concat(model.predict(inputs));
  return Uint8Array.from(arrays.flatMap((array) => [...new Uint8Array(array.buffer)]));
}

describe("training", () => {
  it("ends in the same bytes for 1, 2, 3, 4 and 7 threads", async () => {
    const expected = await train(1);
    for (const threads of [2, 3, 4, 7]) expect(Buffer.from(await train(threads)).equals(expected)).toBe(true);
  });
});

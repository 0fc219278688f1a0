import { describe, expect, it } from "vitest";
import { createEngine, data, losses, nn, optim, Trainer } from "../../src/index.js";
import { simulateThreads } from "../kernel.js";
import { randomFloats } from "../random.js";

/**
 * Bytes of all state after some epochs of a small network of every layer, and its predictions; on real threads, or on one
 * that plays the others in turn.
 */
async function train(threads: number, isSimulated: boolean): Promise<Uint8Array> {
  const engine = await createEngine({ seed: 3, reproducible: true, threads: isSimulated ? 1 : threads });
  if (isSimulated) simulateThreads(engine, threads);
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
  await engine.close();
  return Uint8Array.from(arrays.flatMap((array) => [...new Uint8Array(array.buffer)]));
}

describe("training", () => {
  it("ends in the same bytes on 1, 2, 3, 4 and 7 threads, and with any of them played in turn", async () => {
    const expected = await train(1, false);
    for (const threads of [2, 3, 4, 7]) {
      for (const isSimulated of [false, true]) {
        expect(Buffer.from(await train(threads, isSimulated)).equals(expected)).toBe(true);
      }
    }
  });
});

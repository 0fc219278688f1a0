import { describe, expect, it } from "vitest";
import { ArgumentError, data, losses, nn, optim, Trainer } from "../../src/index.js";
import { testEngine } from "../kernel.js";

describe("models of tokens", async () => {
  const engine = await testEngine();

  it("say how they are built where an embedding gets floats", () => {
    for (const layer of [nn.embedding, nn.embeddingBag]) {
      const build = () =>
        nn.sequential(layer({ numEmbeddings: 4, embeddingDim: 2 })).build(engine, { inputShape: [3] });
      expect(build).toThrow(ArgumentError);
      expect(build).toThrow(/dataType: "i32"/);
    }
  });

  it("share one table between an embedding and the projection that is tied to it", async () => {
    const embedding = nn.embedding({ numEmbeddings: 5, embeddingDim: 4 });
    const model = nn
      .sequential(embedding, nn.tiedLinear(embedding))
      .build(engine, { inputShape: [3], dataType: "i32" });
    expect([...model.state().keys()]).toEqual(["0.weight"]);
    expect(model.outputShape).toEqual([3, 5]);
    const tokens = Int32Array.from({ length: 30 }, (_, i) => i % 5);
    const dataset = data.dataset({ inputs: tokens, inputShape: [3], targets: tokens, targetShape: [3] });
    const optimizer = optim.adam({ learningRate: 0.05 });
    const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer });
    const reports = await trainer.fit(dataset, { epochs: 30, batchSize: 10 });
    expect(reports.at(-1)!.accuracy).toBe(1);
  });

  it.each(["weightNorm", "spectralNorm"] as const)("nn.%s of a layer trains as the layer does", async (wrapper) => {
    const model = nn
      .sequential(nn[wrapper](nn.linear({ outFeatures: 8 })), nn.tanh, nn.linear(2))
      .build(engine, { inputShape: [2] });
    const inputs = Float32Array.from({ length: 80 }, (_, i) => Math.sin(i * 1.7));
    const targets = Int32Array.from({ length: 40 }, (_, i) => Number(inputs[2 * i]! > inputs[2 * i + 1]!));
    const dataset = data.dataset({ inputs, inputShape: [2], targets });
    const optimizer = optim.adam({ learningRate: 0.05 });
    const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer });
    const reports = await trainer.fit(dataset, { epochs: 40, batchSize: 20 });
    expect(reports.at(-1)!.accuracy).toBeGreaterThan(0.95);
  });
});

import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  createEngine,
  data,
  type Dataset,
  type Layer,
  losses,
  nn,
  ops,
  optim,
  Trainer,
} from "../../src/index.js";
import type { Loss } from "../../src/losses/index.js";

const optimizer = optim.adam({ learningRate: 0.1 });
const linear = (outFeatures = 3): Layer => nn.linear({ outFeatures });

/** A loss of one's own that takes logits and targets from 0 to 1. */
const squaredSigmoid: Loss = {
  name: "squaredSigmoid",
  targets: "values",
  takes: "logits",
  apply: (prediction, target) => losses.meanSquaredError().apply(ops.sigmoid(prediction), target),
};

const custom = (name: string): Layer =>
  nn.lambda((x) => ops.custom([x], { name, shape: x.shape, forward: ([values], y) => y.set(values!) }));

/** Ends of models whose outputs are probabilities, and what they are to be called. */
const probabilities: [string, Layer[], RegExp][] = [
  ["softmax", [linear(), nn.softmax()], /by layer 1 \(softmax\):/],
  ["sigmoid", [linear(), nn.sigmoid()], /by layer 1 \(sigmoid\):/],
  ["a plain function", [linear(), nn.lambda((x) => ops.softmax(x), "head")], /by softmax in layer 1 \(head\):/],
  ["a softmax deep inside", [nn.sequential(linear(), nn.sequential(nn.softmax()))], /by layer 0\.1\.0 \(softmax\):/],
  ["a softmax seen through a reshape", [linear(), nn.softmax(), nn.flatten()], /by layer 1 \(softmax\):/],
  ["a softmax seen through dropout", [linear(), nn.softmax(), nn.dropout({ p: 0.1 })], /by layer 1 \(softmax\):/],
  [
    "a sigmoid seen through a view of images and pooling",
    [
      nn.lambda((x) => ops.reshape(ops.sigmoid(x), [x.shape[0]!, 2, 2, 1])),
      nn.maxPool2d({ kernelSize: [1, 2] }),
      nn.flatten(),
    ],
    /by sigmoid in layer 0 \(lambda\):/,
  ],
  ["a ReLU of them", [linear(), nn.softmax(), nn.relu()], /by layer 1 \(softmax\):/],
  ["exp of logSoftmax", [linear(), nn.lambda((x) => ops.exp(ops.logSoftmax(x)))], /by exp in layer 1 \(lambda\):/],
  ["a softmax of one's own", [linear(), custom("softmax")], /by softmax in layer 1 \(lambda\):/],
];

describe("a loss that takes logits", async () => {
  const engine = await createEngine();
  const build = (layers: Layer[], inputShape = [4]): ReturnType<nn.Sequential["build"]> =>
    nn.sequential(...layers).build(engine, { inputShape });

  it.each(probabilities)("is refused by the trainer of a model that ends in %s", (_, layers, source) => {
    const model = build(layers);
    for (const loss of [losses.crossEntropy(), squaredSigmoid]) {
      const make = (): Trainer => new Trainer(model, { loss, optimizer });
      expect(make).toThrow(ArgumentError);
      expect(make).toThrow(
        new RegExp(`^${loss.name} takes logits .*${source.source}.*End the model in the layer before`),
      );
    }
  });

  it("draws no random number and takes no memory where it is refused", async () => {
    const states = [];
    for (const isTried of [false, true]) {
      const engine = await createEngine({ seed: 3 });
      const model = nn.sequential(linear(), nn.softmax()).build(engine, { inputShape: [4] });
      const before = engine.memory.allocatedBytes;
      const make = (): Trainer => new Trainer(model, { loss: losses.crossEntropy(), optimizer });
      if (isTried) expect(make).toThrow(ArgumentError);
      expect(engine.memory.allocatedBytes).toBe(before);
      states.push(engine.random.uint32());
    }
    expect(states[0]).toBe(states[1]);
  });

  it.each([
    ["a linear layer", [linear()]],
    ["logSoftmax, which changes nothing", [linear(), nn.lambda(ops.logSoftmax)]],
    ["tanh", [linear(), nn.tanh()]],
    ["ReLU", [linear(), nn.relu()]],
    ["exp", [linear(), nn.lambda(ops.exp)]],
    ["a linear layer after softmax", [linear(), nn.softmax(), linear()]],
    ["a sum with a softmax", [nn.residual(nn.softmax())]],
  ])("takes a model that ends in %s", (_, layers) => {
    const model = build(layers);
    expect(new Trainer(model, { loss: losses.crossEntropy(), optimizer }).model).toBe(model);
  });

  it("leaves other losses the probabilities they want", () => {
    for (const [, layers] of probabilities) {
      const model = build(layers);
      expect(new Trainer(model, { loss: losses.meanSquaredError(), optimizer }).model).toBe(model);
    }
  });

  it("learns the same from logarithms of probabilities as from logits", async () => {
    const inputs = Float32Array.from({ length: 80 }, (_, i) => Math.sin(i));
    const dataset = data.dataset({
      inputs,
      inputShape: [4],
      targets: Uint8Array.from({ length: 20 }, (_, i) => i % 3),
    });
    const final: number[] = [];
    for (const end of [[], [nn.lambda(ops.logSoftmax)]]) {
      const engine = await createEngine({ seed: 2 });
      const model = nn.sequential(linear(), ...end).build(engine, { inputShape: [4] });
      const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.sgd({ learningRate: 0.3 }) });
      for await (const { loss } of trainer.fit(dataset, { epochs: 20, shuffle: false })) final.push(loss);
    }
    for (let i = 0; i < 20; i++) expect(Math.abs(final[i]! - final[20 + i]!)).toBeLessThan(1e-5);
  });

  it("does not evaluate a model that gives logits in training and probabilities in evaluation", async () => {
    const probabilitiesOutside: Layer = { name: "head", apply: (x, scope) => (scope.training ? x : ops.softmax(x)) };
    const model = build([linear(), probabilitiesOutside]);
    const dataset: Dataset = data.dataset({
      inputs: new Float32Array(8),
      inputShape: [4],
      targets: Uint8Array.of(0, 1),
    });
    const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer });
    expect(trainer.trainStep(dataset, 0, 2).loss).toBeGreaterThan(0);
    await expect(trainer.evaluate(dataset)).rejects.toThrow(ArgumentError);
    await expect(trainer.evaluate(dataset)).rejects.toThrow(/in evaluation the model gives probabilities/);
  });

  it("wants one output a class, at each place of an image too: not a single one", () => {
    const single = (): Trainer => new Trainer(build([linear(1)]), { loss: losses.crossEntropy(), optimizer });
    expect(single).toThrow(ArgumentError);
    expect(single).toThrow(/chooses between classes, and the model has one output.*two for yes or no/);
    const image = build([nn.conv2d({ outChannels: 3, kernelSize: 1 })], [4, 4, 1]);
    expect(() => new Trainer(image, { loss: losses.crossEntropy(), optimizer })).not.toThrow();
    expect(() => new Trainer(build([linear(1)]), { loss: squaredSigmoid, optimizer })).not.toThrow();
  });
});

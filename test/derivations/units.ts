import type { Engine } from "../../src/engine/index.js";
import { dataset } from "../../src/data/index.js";
import * as nn from "../../src/layers/index.js";
import { halfSumOfSquares as halfSumOfSquaresLoss } from "../../src/losses/index.js";
import { halfSumOfSquares, sigmoid } from "../../src/ops/index.js";
import { sgd } from "../../src/optim/index.js";
import { Trainer } from "../../src/training/index.js";
import { randomFloats } from "../random.js";
import {
  centralDifferences,
  compute,
  type Demonstration,
  dot,
  expectAgreement,
  expectDisagreement,
  sum,
  type Vector,
} from "./compare.js";

const sigma = (z: number): number => 1 / (1 + Math.exp(-z));
const reversed = (z: number): number => 1 / (1 + Math.exp(z));

export const units: Readonly<Record<string, Demonstration>> = {
  "σ(z) = 1/(1+e^{z})": (engine) => {
    const z = [-2, -0.25, 0.5, 1.5];
    const upstream = [...randomFloats(4, 7)];
    const { y, gradients } = compute(engine, [{ shape: [4], data: z }], sigmoid, upstream);
    const objective =
      (of: (z: number) => number) =>
      (at: Vector): number =>
        dot(upstream, at.map(of));
    expectAgreement(y, z.map(sigma));
    expectDisagreement(y, z.map(reversed));
    expectAgreement(gradients[0]!, centralDifferences(objective(sigma), z));
    expectDisagreement(gradients[0]!, centralDifferences(objective(reversed), z));
  },

  "E = ½(d−z)², dE/dz = (d−z)": (engine) => {
    const [d, z] = [[...randomFloats(4, 5)], [...randomFloats(4, 6)]];
    const error = (at: Vector): number => 0.5 * sum(at.map((value, i) => (d[i]! - value) ** 2));
    const inputs = [z, d].map((data) => ({ shape: [1, 4], data }));
    const { y, gradients } = compute(engine, inputs, (z, d) => halfSumOfSquares(z, d), [1]);
    expectAgreement(y, [error(z)], 4);
    expectAgreement(gradients[0]!, centralDifferences(error, z), 2);
    expectAgreement(
      gradients[0]!,
      z.map((value, i) => -(d[i]! - value)),
      2,
    );
    expectDisagreement(
      gradients[0]!,
      z.map((value, i) => d[i]! - value),
      2,
    );
    showUpdate(engine);
  },
};

/** One step of gradient descent through a sigmoid unit adds η·(d−z)·z(1−z)·input to the weights. */
function showUpdate(engine: Engine): void {
  const [input, target, rate] = [[...randomFloats(3, 8)], 0.875, 0.5];
  const model = nn
    .sequential(nn.linear({ outFeatures: 1, bias: false }), nn.sigmoid())
    .build(engine, { inputShape: [3] });
  const weights = (): Vector => [...[...model.state().values()][0]!.data] as number[];
  const before = weights();
  const z = sigma(dot(before, input));
  const samples = dataset({
    inputs: Float32Array.from(input),
    inputShape: [3],
    targets: Float32Array.of(target),
    targetShape: [1],
  });
  new Trainer(model, { loss: halfSumOfSquaresLoss(), optimizer: sgd({ learningRate: rate }) }).trainStep(samples, 0, 1);
  const change = input.map((value) => rate * (target - z) * z * (1 - z) * value);
  expectAgreement(
    weights(),
    before.map((weight, i) => weight + change[i]!),
    2,
  );
  expectDisagreement(
    weights(),
    before.map((weight, i) => weight - change[i]!),
    2,
  );
}

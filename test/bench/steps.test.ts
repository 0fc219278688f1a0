import { describe, expect, it } from "vitest";
import {
  Cnn,
  createTunedKernels,
  type Kernels,
  Mlp,
  naiveKernels,
  NaiveCnn,
  NaiveReluMlp,
  NaiveSigmoidMlp,
  TunedCnn,
  TunedReluMlp,
  TunedSigmoidMlp,
} from "../../bench/baselines/index.js";
import { expectClose } from "../expect.js";
import { randomFloats } from "../random.js";
import * as oracle from "./oracle.js";

const adam = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const tolerance = { relative: 1e-3, absolute: 1e-5 };
type Parameters64 = Record<string, Float64Array>;

/** Compares loss and every gradient of a model with those of `loss`, a float64 function of its parameters. */
function checkModel(
  model: Cnn | Mlp,
  inputs: Float32Array,
  labels: Uint8Array,
  loss: (parameters: Parameters64) => number,
): void {
  const { parameters } = model;
  // Biases start at 0, where some gradients could be right by chance.
  parameters.names.forEach((name, i) => {
    if (name.endsWith("bias")) parameters.value(name).set(randomFloats(parameters.value(name).length, i, 0.3));
  });
  const point = Object.fromEntries(parameters.names.map((name) => [name, Float64Array.from(parameters.value(name))]));
  expectClose([model.computeGradients(inputs, labels)], [loss(point)], { relative: 1e-5 });
  for (const [name, values] of Object.entries(point)) {
    const expected = oracle.differentiate(() => loss(point), values);
    expectClose(parameters.gradient(name), expected, tolerance);
  }
}

describe.each([
  ["naive", () => naiveKernels],
  ["tuned", createTunedKernels],
] as [string, () => Kernels][])("the %s training step", (_, createKernels) => {
  it.each(["relu", "sigmoid"] as const)("of an MLP with %s has the gradients of its loss", (activation) => {
    const model = new Mlp(createKernels(), { features: [6, 5, 4, 3], activation, optimizer: { adam }, batch: 3 });
    const inputs = randomFloats(18, 5);
    const labels = Uint8Array.of(2, 0, 1);
    const f = activation === "relu" ? (x: number) => Math.max(0, x) : (x: number) => 1 / (1 + Math.exp(-x));
    checkModel(model, inputs, labels, (p) => {
      const first = oracle.linear(inputs, p["1.weight"]!, p["1.bias"]!, 6).map(f);
      const second = oracle.linear(first, p["3.weight"]!, p["3.bias"]!, 5).map(f);
      return oracle.softmaxCrossEntropy(oracle.linear(second, p["5.weight"]!, p["5.bias"]!, 4), labels);
    });
  });

  it("of the CNN has the gradients of its loss", () => {
    const options = { batch: 3, size: 6, channels: [2, 3], hiddenFeatures: 5, classes: 4, adam } as const;
    const model = new Cnn(createKernels(), options);
    const images = randomFloats(3 * 36, 6);
    const labels = Uint8Array.of(3, 0, 2);
    const stage = (
      x: oracle.Numbers,
      size: number,
      inChannels: number,
      layer: number,
      p: Parameters64,
    ): Float64Array => {
      const outChannels = p[`${layer}.bias`]!.length;
      const convolved = oracle.conv2d(x, p[`${layer}.weight`]!, p[`${layer}.bias`]!, {
        ...{ batch: 3, height: size, width: size, inChannels, outChannels, kernelSize: 3, stride: 1, padding: 1 },
      });
      const normalized = oracle.batchNorm(convolved, p[`${layer + 1}.weight`]!, p[`${layer + 1}.bias`]!, 1e-5);
      return oracle.maxPool2d(
        normalized.map((value) => Math.max(0, value)),
        size,
        outChannels,
      );
    };
    checkModel(model, images, labels, (p) => {
      const flat = stage(stage(images, 6, 1, 0, p), 3, 2, 4, p);
      const hidden = oracle.linear(flat, p["9.weight"]!, p["9.bias"]!, 3).map((value) => Math.max(0, value));
      return oracle.softmaxCrossEntropy(oracle.linear(hidden, p["11.weight"]!, p["11.bias"]!, 5), labels);
    });
  });

  it("lowers the loss", () => {
    const options = { batch: 8, size: 8, channels: [4, 4], hiddenFeatures: 8, classes: 4, adam } as const;
    const model = new Cnn(createKernels(), options);
    const images = randomFloats(8 * 64, 9);
    const labels = Uint8Array.of(0, 1, 2, 3, 0, 1, 2, 3);
    const first = model.step(images, labels);
    for (let i = 0; i < 40; i++) model.step(images, labels);
    expect(model.step(images, labels)).toBeLessThan(0.2 * first);
  });
});

it.each([
  ["sigmoid MLP", NaiveSigmoidMlp, TunedSigmoidMlp],
  ["ReLU MLP", NaiveReluMlp, TunedReluMlp],
  ["CNN", NaiveCnn, TunedCnn],
])("the naive and the tuned %s of the benchmark agree", (_, Naive, Tuned) => {
  const [naive, tuned] = [new Naive(), new Tuned()];
  const images = randomFloats(64 * 784, 3);
  const labels = Uint8Array.from({ length: 64 }, (_, i) => i % 10);
  expectClose([tuned.step(images, labels)], [naive.step(images, labels)], { relative: 1e-5 });
  for (const name of naive.parameters.names) {
    const expected = naive.parameters.gradient(name);
    const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    // A bias before batch norm has no gradient: what is there is rounding, far below 1e-6.
    expectClose(tuned.parameters.gradient(name), expected, { absolute: 1e-4 * scale + 1e-6 });
  }
  expectClose([tuned.step(images, labels)], [naive.step(images, labels)], { relative: 1e-2 });
});

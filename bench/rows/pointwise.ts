import { batchNorm } from "../../src/ops/normalization/batchNorm.js";
import { exp } from "../../src/ops/elementwise/exp.js";
import { maxPool2d } from "../../src/ops/pooling/maxPooling.js";
import { relu } from "../../src/ops/activations/relu.js";
import { sigmoid } from "../../src/ops/activations/sigmoid.js";
import { softmaxCrossEntropy } from "../../src/ops/losses/softmaxCrossEntropy.js";
import { tanh } from "../../src/ops/activations/tanh.js";
import { type Block, kernelCall, LinkedProgram, Random } from "../../src/engine/index.js";
import type { Value } from "../../src/graph/index.js";
import { BatchNormStatistics, type Kernels } from "../baselines/index.js";
import type { Row } from "../row.js";
import { concatenate, operationSubject, uniform } from "../subject.js";

const million = 1_000_000;

function elementwiseRow(name: "relu" | "sigmoid" | "exp" | "tanh", operation: (x: Value) => Value): Row {
  const x = (): Float32Array => uniform(million, 1).map((value) => 4 * value);
  return {
    name,
    shape: "10⁶",
    bytes: 8 * million,
    tolerance: 1e-6,
    wasm: (engine) => operationSubject(engine, [{ shape: [million], data: x() }], ([value]) => operation(value!)),
    baseline: (kernels: Kernels) => {
      const input = x();
      const y = new Float32Array(million);
      const run = (): void => kernels[name](input, y);
      return { run, result: () => (run(), y) };
    },
  };
}

function batchNormRow(): Row {
  const shape = [32, 28, 28, 64];
  const [channels, size] = [64, 32 * 28 * 28 * 64];
  const gamma = (): Float32Array => uniform(channels, 2).map((value) => 1 + value / 2);
  return {
    name: "batchNorm forward + backward",
    shape: "[32, 28, 28, 64]",
    bytes: 5 * 4 * size,
    tolerance: 1e-4,
    wasm: (engine) =>
      operationSubject(
        engine,
        [
          { shape, data: uniform(size, 1), requiresGradient: true },
          { shape: [channels], data: gamma(), requiresGradient: true },
          { shape: [channels], data: uniform(channels, 3), requiresGradient: true },
          { shape: [channels], data: new Float32Array(channels) },
          { shape: [channels], data: new Float32Array(channels).fill(1) },
        ],
        ([x, weight, bias, mean, variance]) =>
          batchNorm(x!, weight, bias, mean, variance, { epsilon: 1e-5, momentum: 0.1, training: true }),
        "both",
        uniform(size, 4),
      ),
    baseline: (kernels) => {
      const [x, weight, bias, dy] = [uniform(size, 1), gamma(), uniform(channels, 3), uniform(size, 4)];
      const [y, dx] = [new Float32Array(size), new Float32Array(size)];
      const [dgamma, dbeta] = [new Float32Array(channels), new Float32Array(channels)];
      const statistics = new BatchNormStatistics(channels);
      const run = (): void => {
        kernels.batchNorm(x, weight, bias, y, statistics);
        kernels.batchNormBackward(x, weight, dy, dx, dgamma, dbeta, statistics);
      };
      return { run, result: () => (run(), concatenate([dx, dgamma, dbeta])) };
    },
  };
}

/** Loss and gradient of logits: both are computed in one pass. */
function softmaxCrossEntropyRow(batch: number, classes: number): Row {
  const logits = (): Float32Array => uniform(batch * classes, 1).map((value) => 5 * value);
  const labels = (): Int32Array => {
    const random = new Random(2);
    return Int32Array.from({ length: batch }, () => random.below(classes));
  };
  return {
    name: "softmax + cross-entropy, loss and gradient",
    shape: `${batch}×${classes}`,
    bytes: 8 * batch * classes,
    tolerance: 1e-5,
    wasm: (engine) =>
      operationSubject(
        engine,
        [
          { shape: [batch, classes], data: logits(), requiresGradient: true },
          { shape: [batch], data: labels(), dataType: "i32" },
        ],
        ([x, label]) => softmaxCrossEntropy(x!, label!),
        "both",
        Float32Array.of(1),
      ),
    baseline: (kernels) => {
      const [x, label, dx] = [logits(), labels(), new Float32Array(batch * classes)];
      const run = (): unknown => kernels.softmaxCrossEntropy(x, label, dx, batch, classes);
      return { run, result: () => (run(), dx) };
    },
  };
}

function maxPoolRow(part: "forward" | "backward"): Row {
  const [batch, height, width, channels] = [64, 28, 28, 16];
  const shape = { batch, height, width, channels, kernelSize: 2 };
  const size = batch * height * width * channels;
  return {
    name: `maxPool2d 2×2 ${part}`,
    shape: "[64, 28, 28, 16]",
    bytes: 5 * size,
    tolerance: 0,
    wasm: (engine) =>
      operationSubject(
        engine,
        [{ shape: [batch, height, width, channels], data: uniform(size, 1), requiresGradient: true }],
        ([x]) => maxPool2d(x!, { kernelSize: [2, 2], stride: [2, 2], padding: [0, 0] }),
        part,
        uniform(size / 4, 2),
      ),
    baseline: (kernels) => {
      const [x, dy] = [uniform(size, 1), uniform(size / 4, 2)];
      const [y, dx, argmax] = [new Float32Array(size / 4), new Float32Array(size), new Int32Array(size / 4)];
      kernels.maxPool2d(x, y, argmax, shape);
      if (part === "forward") {
        const run = (): void => kernels.maxPool2d(x, y, argmax, shape);
        return { run, result: () => (run(), y) };
      }
      const run = (): void => kernels.maxPool2dBackward(dy, argmax, dx);
      return { run, result: () => (run(), dx) };
    },
  };
}

function adamRow(): Row {
  const options = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  return {
    name: "Adam",
    shape: "10⁶",
    bytes: 7 * 4 * million,
    tolerance: 1e-5,
    wasm: (engine) => {
      const { memory } = engine;
      const [weights, gradients, firstMoment, secondMoment, scalars] = [1, 2, 3, 4, 5].map((part) =>
        memory.allocate(part === 5 ? 64 : 4 * million, "Adam"),
      ) as [Block, Block, Block, Block, Block];
      memory.f32(weights.address, million).set(uniform(million, 1));
      memory.f32(gradients.address, million).set(uniform(million, 2));
      memory.f32(scalars.address, 3).set([options.learningRate, 1 / (1 - 0.9), 1 / Math.sqrt(1 - 0.999)]);
      const call = kernelCall("adam", {
        ...{ weights, gradients, firstMoment, secondMoment, count: million },
        learningRate: scalars,
        biasCorrection1: { address: scalars.address + 4 },
        biasCorrection2: { address: scalars.address + 8 },
        ...{ rest1: 1 - 0.9, rest2: 1 - 0.999, beta2: 0.999, epsilon: options.epsilon },
        ...{ weightDecay: 0, decoupled: false },
      });
      const program = new LinkedProgram(memory, [call]);
      const run = (): void => engine.run(program);
      return { run, result: () => (run(), memory.f32(weights.address, million).slice()) };
    },
    baseline: (kernels) => {
      const [w, dw, m, v] = [
        uniform(million, 1),
        uniform(million, 2),
        new Float32Array(million),
        new Float32Array(million),
      ];
      const run = (): void => kernels.adam(w, dw, m, v, 1, options);
      return { run, result: () => (run(), w) };
    },
  };
}

export const pointwiseRows: readonly Row[] = [
  batchNormRow(),
  softmaxCrossEntropyRow(1024, 10),
  softmaxCrossEntropyRow(256, 1000),
  elementwiseRow("relu", relu),
  elementwiseRow("sigmoid", sigmoid),
  elementwiseRow("exp", exp),
  elementwiseRow("tanh", tanh),
  maxPoolRow("forward"),
  maxPoolRow("backward"),
  adamRow(),
];

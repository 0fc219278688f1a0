import { describe, expect, it } from "vitest";
import {
  BatchNormStatistics,
  type Conv2dShape,
  createTunedKernels,
  type Kernels,
  naiveKernels,
} from "../../bench/baselines/index.js";
import { expectClose, expectIdentical } from "../expect.js";
import { randomFloats, randomIntegers } from "../random.js";
import * as oracle from "./oracle.js";

const nan = (length: number): Float32Array => new Float32Array(length).fill(NaN);
const dot = (a: oracle.Numbers, b: oracle.Numbers): number => Array.from(a).reduce((sum, x, i) => sum + x * b[i]!, 0);

describe.each([
  ["naive", naiveKernels],
  ["tuned", createTunedKernels()],
] as [string, Kernels][])("%s kernels", (_, kernels) => {
  it.each([
    [1, 1, 1],
    [4, 4, 4],
    [5, 7, 3],
    [3, 9, 17],
    [131, 6, 2],
    [2, 3, 600],
    [8, 12, 256],
  ])("gemm of %i × %i, depth %i is exact for small integers", (M, N, K) => {
    const [a, b, c] = [randomIntegers(M * K, 1), randomIntegers(K * N, 2), nan(M * N)];
    kernels.gemm(a, b, c, M, N, K);
    expectIdentical(
      c.map((value) => value + 0),
      oracle.linear(a, b, new Float64Array(N), K),
    );
  });

  it.each([
    [1, 1, 1],
    [3, 5, 7],
    [8, 13, 4],
    [2, 300, 3],
  ])("linear layers of batch %i from %i to %i features have the gradients of their definition", (batch, I, O) => {
    const [x, w, bias] = [randomIntegers(batch * I, 1), randomIntegers(I * O, 2), randomIntegers(O, 3)];
    const dy = randomIntegers(batch * O, 4);
    const y = nan(batch * O);
    kernels.linear(x, w, bias, y, batch, I, O);
    expectClose(y, oracle.linear(x, w, bias, I), {});

    const [dx, dw, dbias] = [nan(x.length), nan(w.length), nan(O)];
    kernels.linearWeightGradient(x, dy, dw, dbias, batch, I, O);
    kernels.linearInputGradient(dy, w, dx, batch, I, O);
    const [x64, w64, bias64] = [Float64Array.from(x), Float64Array.from(w), Float64Array.from(bias)];
    const objective = (): number => dot(oracle.linear(x64, w64, bias64, I), dy);
    // The objective is linear in each, so a step of 1 gives exact differences.
    expectClose(dx, oracle.differentiate(objective, x64, 1), {});
    expectClose(dw, oracle.differentiate(objective, w64, 1), {});
    expectClose(dbias, oracle.differentiate(objective, bias64, 1), {});
  });

  it.each<Partial<Conv2dShape>>([
    {},
    { padding: 0 },
    { stride: 2 },
    { kernelSize: 1, padding: 0 },
    { kernelSize: 5, padding: 2, inChannels: 1, outChannels: 5 },
    { height: 4, width: 7, kernelSize: 2, stride: 3, padding: 1 },
    { height: 1, width: 1, batch: 1 },
  ])("convolutions have the gradients of their definition for %o", (change) => {
    const shape = {
      batch: 2,
      height: 5,
      width: 6,
      inChannels: 2,
      outChannels: 3,
      kernelSize: 3,
      stride: 1,
      padding: 1,
    };
    Object.assign(shape, change);
    const { batch, height, width, inChannels, outChannels, kernelSize } = shape;
    const x = randomIntegers(batch * height * width * inChannels, 1);
    const w = randomIntegers(kernelSize ** 2 * inChannels * outChannels, 2);
    const bias = randomIntegers(outChannels, 3);
    const expected = oracle.conv2d(x, w, bias, shape);
    const y = nan(expected.length);
    kernels.conv2d(x, w, bias, y, shape);
    expectClose(y, expected, {});

    const dy = randomIntegers(y.length, 4);
    const [dx, dw, dbias] = [nan(x.length), nan(w.length), nan(outChannels)];
    kernels.conv2dWeightGradient(x, dy, dw, dbias, shape);
    kernels.conv2dInputGradient(dy, w, dx, shape);
    const [x64, w64, bias64] = [Float64Array.from(x), Float64Array.from(w), Float64Array.from(bias)];
    const objective = (): number => dot(oracle.conv2d(x64, w64, bias64, shape), dy);
    expectClose(dx, oracle.differentiate(objective, x64, 1), {});
    expectClose(dw, oracle.differentiate(objective, w64, 1), {});
    expectClose(dbias, oracle.differentiate(objective, bias64, 1), {});
  });

  it.each<Partial<Conv2dShape>>([
    {},
    { padding: 0 },
    { padding: 2 },
    { stride: 2 },
    { kernelSize: 2, padding: 0 },
    { height: 1, width: 1, batch: 1 },
  ])("depthwise convolutions have the gradients of their definition for %o", (change) => {
    const sizes = { batch: 2, height: 5, width: 6, inChannels: 3, outChannels: 3 };
    const shape: Conv2dShape = { ...sizes, kernelSize: 3, stride: 1, padding: 1, ...change };
    const x = randomIntegers(shape.batch * shape.height * shape.width * 3, 1);
    const w = randomIntegers(shape.kernelSize ** 2 * 3, 2);
    const bias = randomIntegers(3, 3);
    const expected = oracle.depthwiseConv2d(x, w, bias, shape);
    const y = nan(expected.length);
    kernels.depthwiseConv2d(x, w, bias, y, shape);
    expectClose(y, expected, {});

    const dy = randomIntegers(y.length, 4);
    const [dx, dw, dbias] = [nan(x.length), nan(w.length), nan(3)];
    kernels.depthwiseConv2dWeightGradient(x, dy, dw, dbias, shape);
    kernels.depthwiseConv2dInputGradient(dy, w, dx, shape);
    const [x64, w64, bias64] = [Float64Array.from(x), Float64Array.from(w), Float64Array.from(bias)];
    const objective = (): number => dot(oracle.depthwiseConv2d(x64, w64, bias64, shape), dy);
    expectClose(dx, oracle.differentiate(objective, x64, 1), {});
    expectClose(dw, oracle.differentiate(objective, w64, 1), {});
    expectClose(dbias, oracle.differentiate(objective, bias64, 1), {});
  });

  it.each([
    [2, 1],
    [7, 3],
    [40, 8],
  ])("batch norm of %i rows of %i channels has the gradients of its definition", (rows, channels) => {
    const x = randomFloats(rows * channels, 1, 3);
    const [gamma, beta] = [randomFloats(channels, 2), randomFloats(channels, 3)];
    const dy = randomFloats(x.length, 4);
    const statistics = new BatchNormStatistics(channels);
    const y = nan(x.length);
    kernels.batchNorm(x, gamma, beta, y, statistics);
    expectClose(y, oracle.batchNorm(x, gamma, beta, statistics.epsilon), { relative: 1e-5, absolute: 1e-5 });
    const column = Array.from({ length: rows }, (_, row) => x[row * channels]!);
    const mean = column.reduce((sum, value) => sum + value, 0) / rows;
    const unbiased = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (rows - 1);
    expectClose([statistics.runningMean[0]!], [0.1 * mean], { relative: 1e-5, absolute: 1e-6 });
    expectClose([statistics.runningVariance[0]!], [0.9 + 0.1 * unbiased], { relative: 1e-5 });

    const [dx, dgamma, dbeta] = [nan(x.length), nan(channels), nan(channels)];
    kernels.batchNormBackward(x, gamma, dy, dx, dgamma, dbeta, statistics);
    const [x64, gamma64, beta64] = [Float64Array.from(x), Float64Array.from(gamma), Float64Array.from(beta)];
    const objective = (): number => dot(oracle.batchNorm(x64, gamma64, beta64, statistics.epsilon), dy);
    const tolerance = { relative: 1e-4, absolute: 1e-4 };
    expectClose(dx, oracle.differentiate(objective, x64), tolerance);
    expectClose(dgamma, oracle.differentiate(objective, gamma64), tolerance);
    expectClose(dbeta, oracle.differentiate(objective, beta64), tolerance);
  });

  it.each([
    [2, 4, 1],
    [2, 5, 3],
    [3, 7, 2],
  ])(
    "max pooling with windows of %i over %i pixels finds the maxima and sends gradients there",
    (kernelSize, size, channels) => {
      const batch = 2;
      const x = randomFloats(batch * size * size * channels);
      const half = Math.floor(size / kernelSize);
      const [y, dx] = [nan(batch * half * half * channels), nan(x.length)];
      const argmax = new Int32Array(y.length);
      kernels.maxPool2d(x, y, argmax, { batch, height: size, width: size, channels, kernelSize });
      if (kernelSize === 2) expectIdentical(y, Float32Array.from(oracle.maxPool2d(x, size, channels)));
      expectIdentical(
        y,
        Float32Array.from(argmax, (at) => x[at]!),
      );
      kernels.maxPool2dBackward(
        y.map((_, i) => i + 1),
        argmax,
        dx,
      );
      expect(dx.reduce((sum, value) => sum + value, 0)).toBe((y.length * (y.length + 1)) / 2);
      argmax.forEach((at, i) => expect(dx[at]).toBe(i + 1));
    },
  );

  it("max pooling takes the first of equal values", () => {
    const argmax = new Int32Array(1);
    kernels.maxPool2d(Float32Array.of(1, 2, 2, 2), nan(1), argmax, {
      batch: 1,
      height: 2,
      width: 2,
      channels: 1,
      kernelSize: 2,
    });
    expect([...argmax]).toEqual([1]);
  });

  it("activations are what Math says, and have its derivatives", () => {
    const x = Float32Array.of(-100, -3, -0.5, 0, 0.25, 2, 60);
    const dy = randomFloats(x.length);
    const [y, dx] = [nan(x.length), nan(x.length)];
    kernels.exp(x, y);
    expectIdentical(y, Float32Array.from(x, Math.exp));
    kernels.tanh(x, y);
    expectIdentical(y, Float32Array.from(x, Math.tanh));
    kernels.relu(x, y);
    expectIdentical(y, Float32Array.of(0, 0, 0, 0, 0.25, 2, 60));
    kernels.reluBackward(y, dy, dx);
    expectIdentical(
      dx,
      dy.map((value, i) => (i > 3 ? value : 0)),
    );
    const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
    kernels.sigmoid(x, y);
    expectClose(y, Float64Array.from(x, sigmoid), { relative: 1e-7, absolute: 1e-44 });
    kernels.sigmoidBackward(y, dy, dx);
    const expected = Float64Array.from(x, (value, i) => dy[i]! * sigmoid(value) * (1 - sigmoid(value)));
    expectClose(dx, expected, { relative: 1e-6, absolute: 1e-7 });
  });

  it("softmax cross-entropy holds for large logits and has the gradient of its definition", () => {
    const logits = Float32Array.of(0.5, -1, 2, 800, -800, 0, 3, 3, 3);
    const labels = Uint8Array.of(2, 0, 1);
    const dlogits = nan(9);
    const loss = kernels.softmaxCrossEntropy(logits, labels, dlogits, 3, 3);
    const logits64 = Float64Array.from(logits);
    const objective = (): number => oracle.softmaxCrossEntropy(logits64, labels);
    expectClose([loss], [objective()], { relative: 1e-6 });
    expectClose(dlogits, oracle.differentiate(objective, logits64), { absolute: 1e-6 });
  });

  it("SGD and Adam take the steps of their definitions", () => {
    const w = randomFloats(5, 1);
    const gradients = [randomFloats(5, 2), randomFloats(5, 3), randomFloats(5, 4)];
    const descended = w.slice();
    kernels.sgd(descended, gradients[0]!, 0.5);
    expectClose(
      descended,
      Array.from(w, (value, i) => value - 0.5 * gradients[0]![i]!),
      { absolute: 1e-7 },
    );

    const options = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8 };
    const [stepped, m, v] = [w.slice(), new Float32Array(5), new Float32Array(5)];
    gradients.forEach((gradient, t) => kernels.adam(stepped, gradient, m, v, t + 1, options));
    const expected = Array.from(w, (value, i) => {
      const [g0, g1, g2] = gradients.map((gradient) => gradient[i]!) as [number, number, number];
      const moment = (beta: number, power: number, t: number): number => {
        const terms = [g0, g1, g2].slice(0, t).map((g, s) => (1 - beta) * beta ** (t - 1 - s) * g ** power);
        return terms.reduce((sum, term) => sum + term, 0) / (1 - beta ** t);
      };
      for (const t of [1, 2, 3]) value -= (0.1 * moment(0.9, 1, t)) / (Math.sqrt(moment(0.99, 2, t)) + 1e-8);
      return value;
    });
    expectClose(stepped, expected, { absolute: 1e-6 });
  });
});

import { describe, expect, it } from "vitest";
import { StateError } from "../../src/engine/index.js";
import { gradients, Graph, Program } from "../../src/graph/index.js";
import { batchNorm } from "../../src/ops/normalization/batchNorm.js";
import { conv2d } from "../../src/ops/convolution/conv2d.js";
import { custom } from "../../src/ops/custom.js";
import { linear } from "../../src/ops/products/linear.js";
import { maxPool2d } from "../../src/ops/pooling/maxPooling.js";
import { multiply } from "../../src/ops/elementwise/multiply.js";
import { relu } from "../../src/ops/activations/relu.js";
import { flatten } from "../../src/ops/structure/reshape.js";
import { softmaxCrossEntropy } from "../../src/ops/losses/softmaxCrossEntropy.js";
import { testEngine } from "../kernel.js";
import * as oracleOfBatchNorm from "../oracle/batchNorm.js";
import { naiveConv } from "../oracle/conv.js";
import * as oracleOfLoss from "../oracle/loss.js";
import { maxPool } from "../oracle/maxPool.js";
import { randomFloats } from "../random.js";
import { checkSecondOrder } from "../secondOrder.js";

/** Away from 0, where log and division are steep. */
const positive = (length: number, seed: number): Float32Array => randomFloats(length, seed).map((x) => 1.5 + x);
/** Apart from each other, so that no step of a difference changes which of them is the largest or positive. */
const apart = (length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => (((i * 37) % length) - length / 2 + 0.25) / 8);
const labels = [2, 0, 1];

function product(a: Float64Array, b: Float64Array, [M, K, N]: readonly [number, number, number]): Float64Array {
  return Float64Array.from({ length: M * N }, (_, at) => {
    const [i, j] = [Math.floor(at / N), at % N];
    let sum = 0;
    for (let k = 0; k < K; k++) sum += a[i * K + k]! * b[k * N + j]!;
    return sum;
  });
}

describe("the gradient of a gradient", async () => {
  const engine = await testEngine("debug");

  it("of a value multiplied by itself agrees with second differences in float64", () => {
    checkSecondOrder(
      engine,
      [{ shape: [5] }],
      ([a]) => multiply(multiply(a!, a!), a!),
      ([a]) => a!.map((x) => x ** 3),
    );
  });

  it("of convolution, batch norm, ReLU, pooling, linear layer and cross-entropy agrees with second differences", () => {
    const [batch, size, channels, classes] = [3, 4, 4, 3];
    const shape = {
      batch,
      height: size,
      width: size,
      channels: 1,
      kernelHeight: 3,
      kernelWidth: 3,
      outChannels: channels,
    };
    checkSecondOrder(
      engine,
      [
        { shape: [batch, size, size, 1], data: apart(batch * size * size) },
        { shape: [3, 3, 1, channels], data: apart(9 * channels) },
        { shape: [channels], data: positive(channels, 3) },
        { shape: [channels], data: randomFloats(channels, 4) },
        { shape: [4 * channels, classes], data: randomFloats(4 * channels * classes, 5) },
      ],
      ([x, kernel, gamma, beta, weight]) => {
        const { graph } = x!;
        const [mean, variance] = [graph.input([channels], "mean"), graph.input([channels], "variance")];
        const convolved = conv2d(x!, kernel!, undefined, { padding: 1 });
        const normalised = batchNorm(convolved, gamma, beta, mean, variance, { training: true });
        const logits = linear(flatten(maxPool2d(relu(normalised), { kernelSize: 2 })), weight!);
        return softmaxCrossEntropy(logits, graph.constant([batch], Int32Array.from(labels), "labels"));
      },
      ([x, kernel, gamma, beta, weight]) => {
        const convolved = naiveConv({ ...shape, padding: [1, 1] }, x!, kernel!);
        const statistics = oracleOfBatchNorm.statisticsOf(convolved, channels);
        const options = { epsilon: 1e-5, relu: true };
        const normalised = oracleOfBatchNorm.batchNorm(convolved, gamma!, beta!, statistics, options);
        const windows = { kernel: [2, 2], stride: [2, 2], padding: [0, 0] } as const;
        const { y } = maxPool(normalised, { shape: [batch, size, size, channels], ...windows });
        const logits = product(Float64Array.from(y), weight!, [batch, 4 * channels, classes]);
        return [oracleOfLoss.crossEntropies(logits, labels, classes).reduce((sum, loss) => sum + loss, 0) / batch];
      },
    );
  });

  it("is an error by name where an operation has none", () => {
    const graph = new Graph();
    const x = graph.input([2], "x", "f32", true);
    const square = custom([x], {
      name: "square",
      shape: [2],
      forward: ([a], y) => y.forEach((_, i) => (y[i] = a![i]! ** 2)),
      backward: ([a], _y, dy, [dx]) => dy.forEach((d, i) => (dx![i] = 2 * d * a![i]!)),
    });
    const [dx] = gradients(square, [x]);
    const compile = (): Program =>
      new Program(engine, graph, { outputs: [], backward: { from: multiply(dx!, dx!) }, gradients: [x] });
    expect(compile).toThrow(StateError);
    expect(compile).toThrow(/square backward has no gradient/);
  });
});

import { describe, expect, it } from "vitest";
import { StateError } from "../../src/engine/index.js";
import { gradients, Graph, Program, type Value } from "../../src/graph/index.js";
import { batchNorm } from "../../src/ops/batchNorm.js";
import { add } from "../../src/ops/add.js";
import { conv2d } from "../../src/ops/conv2d.js";
import { custom } from "../../src/ops/custom.js";
import { depthwiseConv2d } from "../../src/ops/depthwiseConv2d.js";
import { divide } from "../../src/ops/divide.js";
import { erf } from "../../src/ops/erf.js";
import { exp } from "../../src/ops/exp.js";
import { linear } from "../../src/ops/linear.js";
import { log } from "../../src/ops/log.js";
import { logSoftmax } from "../../src/ops/logSoftmax.js";
import { matmul } from "../../src/ops/matmul.js";
import { maxPool2d } from "../../src/ops/maxPool2d.js";
import { multiply } from "../../src/ops/multiply.js";
import { relu } from "../../src/ops/relu.js";
import { flatten } from "../../src/ops/reshape.js";
import { scale } from "../../src/ops/scale.js";
import { sigmoid } from "../../src/ops/sigmoid.js";
import { softmax } from "../../src/ops/softmax.js";
import { softmaxCrossEntropy } from "../../src/ops/softmaxCrossEntropy.js";
import { meanSquaredError } from "../../src/ops/squaredError.js";
import { subtract } from "../../src/ops/subtract.js";
import { tanh } from "../../src/ops/tanh.js";
import { testEngine } from "../kernel.js";
import * as oracleOfBatchNorm from "../oracle/batchNorm.js";
import { naiveConv } from "../oracle/conv.js";
import { naiveDepthwise } from "../oracle/depthwise.js";
import * as oracleOfLoss from "../oracle/loss.js";
import { maxPool } from "../oracle/maxPool.js";
import { erf as oracleErf } from "../oracle/special.js";
import { randomFloats } from "../random.js";
import { checkSecondOrder, type SecondOrderInput } from "../secondOrder.js";

type Oracle = (inputs: readonly Float64Array[]) => ArrayLike<number>;

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

const convolution = { batch: 1, height: 4, width: 5, channels: 2, kernelHeight: 3, kernelWidth: 2, outChannels: 3 };
const strided = { stride: [2, 1], padding: [1, 0], dilation: [1, 2] } as const;
const pool = { shape: [1, 5, 4, 2], kernel: [3, 2], stride: [2, 1], padding: [1, 0] } as const;

const cases: readonly (readonly [
  name: string,
  inputs: readonly SecondOrderInput[],
  build: (values: readonly Value[]) => Value,
  oracle: Oracle,
])[] = [
  ["add", [{ shape: [5] }, { shape: [5] }], ([a, b]) => add(a!, b!), ([a, b]) => a!.map((x, i) => x + b![i]!)],
  [
    "subtract",
    [{ shape: [5] }, { shape: [5] }],
    ([a, b]) => subtract(a!, b!),
    ([a, b]) => a!.map((x, i) => x - b![i]!),
  ],
  [
    "multiply",
    [{ shape: [5] }, { shape: [5] }],
    ([a, b]) => multiply(a!, b!),
    ([a, b]) => a!.map((x, i) => x * b![i]!),
  ],
  ["multiply by itself", [{ shape: [5] }], ([a]) => multiply(multiply(a!, a!), a!), ([a]) => a!.map((x) => x ** 3)],
  [
    "divide",
    [{ shape: [5] }, { shape: [5], data: positive(5, 3) }],
    ([a, b]) => divide(a!, b!),
    ([a, b]) => a!.map((x, i) => x / b![i]!),
  ],
  ["scale", [{ shape: [5] }], ([a]) => multiply(scale(a!, -2.5), a!), ([a]) => a!.map((x) => -2.5 * x * x)],
  ["exp", [{ shape: [7] }], ([x]) => exp(x!), ([x]) => x!.map(Math.exp)],
  ["log", [{ shape: [7], data: positive(7, 5) }], ([x]) => log(x!), ([x]) => x!.map(Math.log)],
  ["erf", [{ shape: [7] }], ([x]) => erf(x!), ([x]) => x!.map(oracleErf)],
  ["sigmoid", [{ shape: [7] }], ([x]) => sigmoid(x!), ([x]) => x!.map((z) => 1 / (1 + Math.exp(-z)))],
  ["tanh", [{ shape: [7] }], ([x]) => tanh(x!), ([x]) => x!.map(Math.tanh)],
  [
    "relu",
    [{ shape: [8], data: apart(8) }],
    ([x]) => multiply(relu(x!), x!),
    ([x]) => x!.map((z) => Math.max(z, 0) * z),
  ],
  ["softmax", [{ shape: [3, 4] }], ([x]) => softmax(x!), ([x]) => oracleOfLoss.softmax(x!, 4)],
  ["logSoftmax", [{ shape: [3, 4] }], ([x]) => logSoftmax(x!), ([x]) => oracleOfLoss.logSoftmax(x!, 4)],
  [
    "meanSquaredError",
    [{ shape: [2, 3] }, { shape: [2, 3] }],
    ([p, t]) => meanSquaredError(p!, t!),
    ([p, t]) => [oracleOfLoss.squaredDistance(p!, t!) / 6],
  ],
  [
    "softmaxCrossEntropy",
    [{ shape: [3, 4] }],
    ([x]) => softmaxCrossEntropy(x!, x!.graph.constant([3], Int32Array.from(labels), "labels")),
    ([x]) => [oracleOfLoss.crossEntropies(x!, labels, 4).reduce((sum, loss) => sum + loss, 0) / 3],
  ],
  [
    "matmul",
    [{ shape: [3, 4] }, { shape: [4, 2] }],
    ([a, b]) => matmul(a!, b!),
    ([a, b]) => product(a!, b!, [3, 4, 2]),
  ],
  [
    "linear with ReLU",
    [{ shape: [3, 4], data: apart(12) }, { shape: [4, 2], data: apart(8) }, { shape: [2] }],
    ([x, w, b]) => linear(x!, w!, b, { relu: true }),
    ([x, w, b]) => product(x!, w!, [3, 4, 2]).map((y, i) => Math.max(y + b![i % 2]!, 0)),
  ],
  [
    "conv2d",
    [{ shape: [1, 4, 5, 2] }, { shape: [3, 2, 2, 3] }, { shape: [3] }],
    ([x, w, b]) => conv2d(x!, w!, b, strided),
    ([x, w, b]) => naiveConv({ ...convolution, ...strided }, x!, w!, b),
  ],
  [
    "depthwiseConv2d",
    [{ shape: [1, 4, 5, 2] }, { shape: [3, 2, 2] }, { shape: [2] }],
    ([x, w, b]) => depthwiseConv2d(x!, w!, b, strided),
    ([x, w, b]) =>
      naiveDepthwise({ batch: 1, height: 4, width: 5, channels: 2, kernel: [3, 2], ...strided }, x!, w!, b),
  ],
  [
    "maxPool2d, its windows overlapping",
    [{ shape: [1, 5, 4, 2], data: apart(40) }],
    ([x]) => {
      const y = maxPool2d(x!, { kernelSize: [3, 2], stride: [2, 1], padding: [1, 0] });
      return multiply(y, y);
    },
    ([x]) => maxPool(x!, pool).y.map((y) => y * y),
  ],
  ...[true, false].map(
    (training) =>
      [
        `batchNorm with ReLU, ${training ? "training" : "evaluating"}`,
        [{ shape: [6, 3], data: apart(18) }, { shape: [3], data: positive(3, 9) }, { shape: [3] }],
        ([x, gamma, beta]: readonly Value[]) => relu(norm(x!, gamma!, beta!, training)),
        ([x, gamma, beta]: readonly Float64Array[]) =>
          oracleOfBatchNorm.batchNorm(
            x!,
            gamma!,
            beta!,
            training
              ? oracleOfBatchNorm.statisticsOf(x!, 3)
              : { mean: running, variance: Float64Array.from(positive(3, 4)) },
            { epsilon: 1e-5, relu: true },
          ),
      ] as const,
  ),
];

const running = Float64Array.of(0.25, -0.5, 0.125);

function norm(x: Value, gamma: Value, beta: Value, training: boolean): Value {
  const { graph } = x;
  const mean = graph.constant([3], Float32Array.from(running), "mean");
  const variance = graph.constant([3], positive(3, 4), "variance");
  return batchNorm(x, gamma, beta, mean, variance, { training });
}

describe("the gradient of a gradient", async () => {
  const engine = await testEngine("debug");

  it.each(cases)("of %s agrees with second differences in float64", (_, inputs, build, oracle) => {
    checkSecondOrder(engine, inputs, build, oracle);
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
        const normalised = batchNorm(convolved, gamma!, beta!, mean, variance, { training: true });
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

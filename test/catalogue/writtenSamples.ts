import type { Shape } from "../../src/graph/index.js";
import { apart, fixed, filled, generic, type Given, labels, positive, type Tensor, truth } from "./sample.js";
import { structureSamples } from "./structureSamples.js";

/** How an operation is applied. */
export interface Settings {
  /** As its public function takes them. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Of an operation that has no options, or where its attributes say more. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** One application of an operation that has shapes of its own. */
export interface Written extends Settings {
  readonly inputs: Readonly<Record<string, Given>>;
  readonly isLarge?: boolean;
}

/** One form of an elementwise function. */
export interface Form extends Settings {
  /** The input that must be positive for the function to be smooth. */
  readonly positive?: string;
  /** What else an input must be for that. */
  readonly tensor?: (input: string, shape: Shape) => Tensor;
}

/** Forms of elementwise functions that are not smooth everywhere, or have options. All others have one, without either. */
export const forms: Readonly<Record<string, readonly Form[]>> = {
  log: [{ positive: "x" }],
  divide: [{ positive: "b" }],
  log1p: [{ positive: "x" }],
  sqrt: [{ positive: "x" }],
  rsqrt: [{ positive: "x" }],
  reciprocal: [{ positive: "x" }],
  pow: [{ positive: "a" }],
  // Quotients that are far from the integers at which it jumps.
  remainder: [{ tensor: (input, shape) => (input === "a" ? apart(shape) : filled(shape, 0.75)) }],
  // Bounds far from all elements.
  clampBetween: [
    { tensor: (input, shape) => (input === "x" ? apart(shape) : filled(shape, input === "min" ? -0.5 : 0.5)) },
  ],
  clamp: [{ options: { min: -0.5, max: 0.25 } }, { options: { min: -0.5 } }, {}],
  scale: [{ options: { factor: -2.5 } }],
  dropout: [{ attributes: { p: 0.25, stream: 3 } }],
};

const norm = (channels: number): Readonly<Record<string, Given>> => ({
  gamma: generic([channels], 2),
  beta: generic([channels], 3),
  runningMean: fixed(generic([channels], 4)),
  runningVariance: fixed(positive([channels], 5)),
});

const image = (shape: Shape, weight: Shape): Readonly<Record<string, Given>> => ({
  x: shape,
  weight: generic(weight, 2),
  bias: generic([weight.at(-1)!], 3),
});

const strided = { stride: [2, 1], padding: [1, 0], dilation: [1, 2] };
const sparse = { stride: 3, padding: [0, 1] };
/** So wide that the input gradient is filled with zeros first. */
const wide = { stride: 9 };

/** An operation that is not elementwise stands here with the shapes it takes; one of them has an empty batch. */
export const written: Readonly<Record<string, readonly Written[]>> = {
  matmul: [
    { inputs: { a: [3, 4], b: [4, 2] } },
    { inputs: { a: [5, 9], b: [5, 17] }, options: { transposeA: true } },
    { inputs: { a: [1, 6], b: [3, 6] }, options: { transposeB: true } },
    { inputs: { a: [2, 4], b: [3, 2] }, options: { transposeA: true, transposeB: true } },
    { inputs: { a: [0, 4], b: [4, 2] } },
    { inputs: { a: [3, 0], b: [0, 2] } },
    { inputs: { a: [300, 40], b: [40, 19] }, isLarge: true },
    { inputs: { a: [5, 2500], b: [2500, 9] }, isLarge: true },
    { inputs: { a: [4], b: [4] } },
    { inputs: { a: [3, 4], b: [4] } },
    { inputs: { a: [4], b: [4, 3] } },
    { inputs: { a: [2, 3, 4], b: [4] } },
    { inputs: { a: [4], b: [2, 4, 3] } },
    { inputs: { a: [2, 4, 3], b: [4] }, options: { transposeA: true } },
    { inputs: { a: [2, 3, 4], b: [4, 2] } },
    { inputs: { a: [2, 4, 3], b: [4, 2] }, options: { transposeA: true } },
    { inputs: { a: [3, 4], b: [2, 5, 4] }, options: { transposeB: true } },
    { inputs: { a: [2, 1, 3, 4], b: [3, 4, 2] } },
    { inputs: { a: [2, 2, 3, 4], b: [2, 1, 5, 4] }, options: { transposeB: true } },
    { inputs: { a: [2, 4, 5], b: [2, 3, 4] }, options: { transposeA: true, transposeB: true } },
    { inputs: { a: [0, 3, 4], b: [4, 2] } },
    { inputs: { a: [2, 3, 0], b: [2, 0, 2] } },
    { inputs: { a: [0], b: [0] } },
    { inputs: { a: [70, 33, 5], b: [70, 30, 5] }, options: { transposeB: true }, isLarge: true },
    { inputs: { a: [3, 2, 9, 1024], b: [2, 9, 9] }, options: { transposeA: true }, isLarge: true },
  ],
  linear: [
    { inputs: { x: [5, 7], weight: generic([7, 3], 2), bias: [3] } },
    { inputs: { x: [1, 4], weight: generic([4, 9], 2) } },
    { inputs: { x: apart([3, 4]), weight: apart([4, 2]), bias: [2] }, options: { relu: true } },
    { inputs: { x: apart([3, 4]), weight: apart([4, 2]) }, options: { relu: true } },
    { inputs: { x: [0, 4], weight: generic([4, 2], 2), bias: [2] } },
    { inputs: { x: [300, 40], weight: [40, 9], bias: [9] }, isLarge: true },
    { inputs: { x: [2500, 5], weight: [5, 9], bias: [9] }, isLarge: true },
  ],
  biasGradient: [{ inputs: { dy: [5, 3] } }, { inputs: { dy: [2, 3, 4, 1] } }, { inputs: { dy: [0, 3] } }],
  reluBiasGradient: [
    { inputs: { y: apart([5, 3]), dy: [5, 3] } },
    { inputs: { y: apart([2, 2, 3, 4]), dy: generic([2, 2, 3, 4], 2) } },
    { inputs: { y: [0, 3], dy: [0, 3] } },
  ],
  conv2d: [
    { inputs: image([1, 4, 5, 2], [3, 2, 2, 3]), options: strided },
    { inputs: image([2, 5, 4, 1], [2, 2, 1, 2]), options: sparse },
    { inputs: image([1, 4, 5, 1], [2, 3, 1, 2]), options: { stride: [1, 2], padding: "same" } },
    { inputs: image([1, 9, 10, 1], [2, 2, 1, 2]), options: wide, isLarge: true },
    { inputs: { x: apart([1, 3, 3, 2]), weight: apart([3, 3, 2, 2]) }, options: { padding: 1, relu: true } },
    { inputs: image([0, 4, 4, 2], [3, 3, 2, 3]), options: { padding: 1 } },
    { inputs: image([2, 20, 21, 3], [3, 3, 3, 9]), options: { padding: 1 }, isLarge: true },
  ],
  packPanels: [
    { inputs: { b: [5, 11] }, attributes: { K: 5, N: 11, rowStride: 11, columnStride: 1 } },
    { inputs: { b: [11, 5] }, attributes: { K: 5, N: 11, rowStride: 1, columnStride: 5 } },
    { inputs: { b: [0, 3] }, attributes: { K: 0, N: 3, rowStride: 3, columnStride: 1 } },
  ],
  packedProduct: [
    { inputs: { a: [3, 5], packed: generic([80], 2), bias: [11] }, attributes: { M: 3, N: 11, K: 5, yShape: [3, 11] } },
    {
      inputs: { a: [5, 9], packed: [40] },
      attributes: { M: 9, N: 4, K: 5, transposeA: true, relu: true, yShape: [9, 4] },
    },
    { inputs: { a: [0, 5], packed: [40] }, attributes: { M: 0, N: 4, K: 5, yShape: [0, 4] } },
  ],
  packedConv2d: [
    {
      inputs: { x: [2, 4, 5, 2], packed: generic([144], 2), bias: [3] },
      attributes: {
        weightShape: [3, 3, 2, 3],
        yShape: [2, 4, 5, 3],
        xShape: [2, 4, 5, 2],
        padding: [1, 1],
        paddingAfter: [1, 1],
      },
    },
    {
      inputs: { x: [1, 4, 4, 1], packed: [64] },
      attributes: { weightShape: [2, 2, 1, 9], yShape: [1, 2, 2, 9], xShape: [1, 4, 4, 1], stride: [2, 2], relu: true },
    },
    {
      inputs: { x: [0, 2, 2, 1], packed: [8] },
      attributes: { weightShape: [1, 1, 1, 2], yShape: [0, 2, 2, 2], xShape: [0, 2, 2, 1] },
    },
  ],
  depthwiseConv2d: [
    { inputs: image([1, 4, 5, 2], [3, 2, 2]), options: strided },
    { inputs: image([2, 5, 4, 3], [2, 2, 3]), options: sparse },
    { inputs: image([1, 4, 5, 1], [2, 3, 1]), options: { stride: [1, 2], padding: "same" } },
    { inputs: image([1, 9, 10, 2], [2, 2, 2]), options: wide, isLarge: true },
    { inputs: { x: apart([1, 3, 3, 2]), weight: apart([3, 3, 2]) }, options: { padding: 1, relu: true } },
    { inputs: image([0, 4, 4, 2], [3, 3, 2]), options: { padding: 1 } },
    { inputs: image([2, 20, 21, 5], [3, 3, 5]), options: { padding: 1 }, isLarge: true },
  ],
  maxPool2d: [
    { inputs: { x: apart([2, 4, 5, 3]) }, options: { kernelSize: 2 } },
    { inputs: { x: apart([1, 4, 5, 2]) }, options: { kernelSize: 2, stride: 1, padding: "same" } },
    {
      inputs: { x: apart([1, 5, 4, 2]) },
      options: { kernelSize: [3, 2], stride: [2, 1], padding: [1, 0], relu: true },
    },
    { inputs: { x: [0, 4, 4, 2] }, options: { kernelSize: 2 } },
  ],
  batchNorm: [
    { inputs: { x: generic([6, 3]), ...norm(3) }, options: { training: true } },
    { inputs: { x: apart([2, 2, 3, 5]), ...norm(5) }, options: { training: true, relu: true } },
    { inputs: { x: apart([6, 3]), ...norm(3) }, options: { training: false, relu: true } },
    { inputs: { x: generic([1, 3]), ...norm(3) }, options: { training: false } },
    { inputs: { x: generic([0, 3]), ...norm(3) }, options: { training: false } },
    { inputs: { x: generic([300, 5]), ...norm(5) }, options: { training: true }, isLarge: true },
  ],
  batchNormPool: [
    { inputs: { x: apart([1, 4, 4, 4]), ...norm(4) }, attributes: { training: true } },
    { inputs: { x: apart([1, 4, 4, 4]), ...norm(4) }, attributes: { relu: true } },
  ],
  where: [
    { inputs: { condition: truth([5]), a: generic([5], 2), b: generic([5], 3) } },
    { inputs: { condition: truth([3, 1]), a: generic([2, 1, 4], 2), b: generic([4], 3) } },
    { inputs: { condition: truth([0, 2]), a: generic([0, 2], 2), b: generic([1, 2], 3) } },
  ],
  ...Object.fromEntries(
    ["logicalAnd", "logicalOr", "logicalXor"].map((name) => [
      name,
      [{ inputs: { a: truth([2, 1, 3]), b: truth([4, 1]) } }, { inputs: { a: truth([0, 3]), b: truth([3]) } }],
    ]),
  ),
  logicalNot: [{ inputs: { x: truth([7]) } }, { inputs: { x: truth([0]) } }],
  cast: (["f32", "f16", "i32", "u8", "bool"] as const).flatMap((dataType) => [
    {
      inputs: { x: fixed({ shape: [7], data: Float32Array.of(0, -0, 1.5, -2.75, 300, 0.1, 60001) }) },
      options: { dataType },
    },
    { inputs: { x: fixed({ shape: [3], data: Int32Array.of(-2, 0, 3001) }) }, options: { dataType } },
    { inputs: { x: truth([5]) }, options: { dataType } },
    { inputs: { x: fixed({ shape: [0], data: new Float32Array() }) }, options: { dataType } },
  ]),
  sum: [
    { inputs: { x: [7] } },
    { inputs: { x: [4, 5, 3] }, options: { axes: 1 } },
    { inputs: { x: [4, 5, 3] }, options: { axes: [0, -1], keepDims: true } },
    { inputs: { x: [2, 3] }, options: { axes: [] } },
    { inputs: { x: [0, 3] }, options: { axes: 0 } },
    { inputs: { x: [3, 1500] }, options: { axes: -1 }, isLarge: true },
    { inputs: { x: [1200, 2, 3] }, options: { axes: 0 }, isLarge: true },
    { inputs: { x: [40, 1100] }, options: { axes: 0 }, isLarge: true },
  ],
  ...Object.fromEntries(
    ["mean", "variance", "std", "logSumExp", "norm"].map((name) => [
      name,
      [
        { inputs: { x: [7] }, options: {} },
        { inputs: { x: [4, 5, 3] }, options: { axes: [0, -1], keepDims: true } },
        { inputs: { x: [0, 3] }, options: { axes: 1 } },
        ...(name === "norm" ? [1, 3, Infinity, -Infinity] : []).map((p) => ({
          ...{ inputs: { x: apart([3, 4]) }, options: { axes: -1, p } },
        })),
        ...(["variance", "std"].includes(name)
          ? [{ inputs: { x: [3, 4] }, options: { axes: -1, correction: 0 } }]
          : []),
      ],
    ]),
  ),
  ...Object.fromEntries(
    ["max", "min"].map((name) => [
      name,
      [
        { inputs: { x: apart([7]) } },
        { inputs: { x: apart([4, 5, 3]) }, options: { axes: [0, -1], keepDims: true } },
        { inputs: { x: apart([4, 5, 3]) }, options: { axes: 1 } },
        { inputs: { x: [0, 3] }, options: { axes: 1 } },
        { inputs: { x: [3, 1500] }, options: { axes: -1 }, isLarge: true },
      ],
    ]),
  ),
  ...Object.fromEntries(
    ["argMax", "argMin"].map((name) => [
      name,
      [
        { inputs: { x: apart([9]) } },
        { inputs: { x: apart([4, 5, 3]) }, options: { axis: 1 } },
        { inputs: { x: apart([2, 3, 21]) }, options: { axis: 0, keepDims: true } },
        { inputs: { x: apart([2, 23]) }, options: { axis: -1 } },
        { inputs: { x: [0, 3] }, options: { axis: 1 } },
      ],
    ]),
  ),
  ...Object.fromEntries(
    ["any", "all"].map((name) => [
      name,
      [
        { inputs: { x: truth([7]) } },
        { inputs: { x: truth([2, 3, 2]) }, options: { axes: [0, 2] } },
        { inputs: { x: truth([0, 3]) }, options: { axes: 1 } },
      ],
    ]),
  ),
  prod: [
    { inputs: { x: positive([7]) }, options: {} },
    { inputs: { x: { shape: [5], data: Float32Array.of(2, 0, -1, 0.5, 3) } }, options: {} },
    { inputs: { x: { shape: [2, 3], data: Float32Array.of(2, 0, 1, 0, 0.5, 0) } }, options: { axes: 1 } },
    { inputs: { x: [3, 4, 2] }, options: { axes: [0, -1], keepDims: true } },
    { inputs: { x: [0, 3] }, options: { axes: 0 } },
  ],
  expand: [
    { inputs: { x: [3, 1] }, options: { shape: [2, 3, 4] } },
    { inputs: { x: [3, 1] }, options: { shape: [2, -1, 4] } },
    { inputs: { x: [2, 3] }, options: { shape: [2, 3] } },
    { inputs: { x: [0, 1] }, options: { shape: [2, 0, 3] } },
  ],
  copy: [{ inputs: { x: [2, 3] } }, { inputs: { x: [0, 3] } }],
  softmax: [[1], [5], [3, 4], [2, 3, 7], [0, 4]].map((x) => ({ inputs: { x } })),
  softmaxBackward: [
    { inputs: { y: [3, 4], dy: generic([3, 4], 2) } },
    { inputs: { y: [2, 1, 9], dy: generic([2, 1, 9], 2) } },
    { inputs: { y: [0, 4], dy: [0, 4] } },
  ],
  logSoftmax: [[1], [5], [3, 4], [2, 3, 7], [0, 4]].map((x) => ({ inputs: { x } })),
  logSoftmaxBackward: [
    { inputs: { y: [3, 4], dy: generic([3, 4], 2) } },
    { inputs: { y: [2, 1, 9], dy: generic([2, 1, 9], 2) } },
    { inputs: { y: [0, 4], dy: [0, 4] } },
  ],
  softmaxCrossEntropy: [
    { inputs: { logits: [3, 4], labels: labels(3, 4) } },
    { inputs: { logits: [1, 2], labels: labels(1, 2) } },
    { inputs: { logits: [17, 5], labels: labels(17, 5) } },
    { inputs: { logits: [0, 4], labels: labels(0, 4) } },
  ],
  accuracy: [
    { inputs: { scores: apart([5, 3]), labels: labels(5, 3) } },
    { inputs: { scores: [0, 3], labels: labels(0, 3) } },
  ],
  squaredError: [
    { inputs: { prediction: [2, 3], target: generic([2, 3], 2) }, attributes: { factor: 0.25 } },
    { inputs: { prediction: [17], target: generic([17], 2) } },
    { inputs: { prediction: [0, 3], target: [0, 3] }, attributes: { factor: Infinity } },
  ],
  squaredErrorBackward: [
    { inputs: { a: [2, 3], b: generic([2, 3], 2), dLoss: generic([1], 3) }, attributes: { factor: -0.5 } },
    { inputs: { a: [0, 3], b: [0, 3], dLoss: [1] } },
  ],
  ...structureSamples,
  reshape: [
    { inputs: { x: [2, 3, 4] }, options: { shape: [4, 6] } },
    { inputs: { x: [2, 3, 4] }, options: { shape: [-1, 2, 1] } },
    { inputs: { x: [0, 3] }, options: { shape: [0] } },
  ],
};

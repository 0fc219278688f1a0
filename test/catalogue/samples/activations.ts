import { type Shape, sizeOf } from "../../../src/graph/index.js";
import { generic, type Tensor } from "../sample.js";
import type { Forms, Writtens } from "../written.js";

/** Far from the corners of functions of straight pieces, and on all of them. */
const clear = {
  tensor: (_: string, shape: Shape): Tensor => ({
    shape,
    data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => (((i * 3) % 7) - 3) * 0.3 + 0.01),
  }),
};

export const forms: Forms = {
  gelu: [{}, { options: { approximate: "tanh" } }],
  leakyRelu: [{ options: {} }, { options: { negativeSlope: 0.3 } }],
  hardtanh: [{ options: { minVal: -0.5, maxVal: 0.25 }, ...clear }],
  hardshrink: [{ options: {}, ...clear }],
  softshrink: [
    { options: {}, ...clear },
    { options: { lambda: 0.25 }, ...clear },
  ],
  threshold: [{ options: { threshold: 0.125, value: -3 }, ...clear }],
  elu: [{ options: {} }, { options: { alpha: 1.5 } }],
  celu: [{ options: {} }, { options: { alpha: 0.25 } }],
  softplus: [{ options: {} }, { options: { beta: 2.5, threshold: 0.5 }, ...clear }],
};

/** The last axis, which has kernels, others, the only one of a scalar, and nothing. */
const alongAxes = [
  ...[[1], [5], [3, 4], [2, 3, 7], [0, 4], []].map((x) => ({ inputs: { x }, options: {} })),
  ...[
    [2, 3, 7],
    [3, 0],
  ].map((x) => ({ inputs: { x }, options: { axis: 1 } })),
  { inputs: { x: [3, 4] }, options: { axis: -2 } },
];
const ofRows = [[1], [5], [3, 4], [2, 3, 7], [0, 4]].map((x) => ({ inputs: { x } }));
const backward = [
  [3, 4],
  [2, 1, 9],
  [0, 4],
].map((shape) => ({ inputs: { y: shape, dy: generic(shape, 2) } }));

export const written: Writtens = {
  softmax: alongAxes,
  softmin: alongAxes.slice(3),
  logSoftmax: alongAxes,
  ...Object.fromEntries(
    ["glu", "swiglu", "geglu", "reglu"].map((name) => [
      name,
      [
        { inputs: { x: [6] }, options: {} },
        { inputs: { x: [2, 4, 3] }, options: { axis: 1 } },
        { inputs: { x: [0, 4] }, options: {} },
      ],
    ]),
  ),
  prelu: [
    { inputs: { x: [7], weight: [1] } },
    { inputs: { x: [2, 5, 3], weight: generic([3], 2) } },
    { inputs: { x: [], weight: [1] } },
    { inputs: { x: [0, 4], weight: generic([4], 2) } },
  ],
  softmaxRows: ofRows,
  logSoftmaxRows: ofRows,
  softmaxBackward: backward,
  logSoftmaxBackward: backward,
};

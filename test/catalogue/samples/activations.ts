import { generic } from "../sample.js";
import type { Forms, Writtens } from "../written.js";

export const forms: Forms = {
  gelu: [{}, { options: { approximate: "tanh" } }],
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
  softmaxRows: ofRows,
  logSoftmaxRows: ofRows,
  softmaxBackward: backward,
  logSoftmaxBackward: backward,
};

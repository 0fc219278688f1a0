import { type Shape, sizeOf } from "../../../src/graph/index.js";
import { apart, type Fixed, fixed, generic, truth } from "../sample.js";
import type { Writtens } from "../written.js";

/** Indices of both signs, some of them twice. */
function indices(shape: Shape, length: number): Fixed {
  return fixed({
    shape,
    data: Int32Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 5 + 1) % (2 * length)) - length),
  });
}

export const written: Writtens = {
  permute: [
    { inputs: { x: [3, 4] }, options: { axes: [1, 0] } },
    { inputs: { x: [2, 3, 4, 2] }, options: { axes: [0, -1, 1, 2] } },
    { inputs: { x: [0, 3] }, options: { axes: [1, 0] } },
    { inputs: { x: [70, 90] }, options: { axes: [1, 0] }, isLarge: true },
  ],
  slice: [
    { inputs: { x: [5, 4] }, options: { ranges: [[1, -1]] } },
    { inputs: { x: [2, 7, 3] }, options: { ranges: [null, [null, null, 2], -1] } },
    {
      inputs: { x: [6, 3] },
      options: {
        ranges: [
          [4, 0, -2],
          [null, null, -1],
        ],
      },
    },
    {
      inputs: { x: [4, 3] },
      options: {
        ranges: [
          [null, null, -1],
          [null, null, -1],
        ],
      },
    },
    { inputs: { x: [0, 3] }, options: { ranges: [null, [1]] } },
  ],
  embed: [
    { inputs: { x: [2, 3] }, attributes: { shape: [5, 6], starts: [3, 0], steps: [-2, 2], value: 1.5 } },
    { inputs: { x: [0, 3] }, attributes: { shape: [2, 3], starts: [0, 0], steps: [1, 1] } },
    { inputs: { x: [0, 3] }, attributes: { shape: [0, 3], starts: [0, 0], steps: [1, 1] } },
  ],
  concat: [
    { inputs: { x0: [2, 3], x1: generic([1, 3], 2), x2: generic([4, 3], 3) } },
    { inputs: { x0: [2, 3, 2], x1: generic([2, 1, 2], 2) }, attributes: { axis: 1 } },
    { inputs: { x0: [0, 3], x1: [0, 2] }, attributes: { axis: 1 } },
  ],
  pad: [
    { inputs: { x: [2, 3] }, options: { padding: 1, value: 2 } },
    {
      inputs: { x: [4, 3] },
      options: {
        padding: [
          [-1, 2],
          [1, -1],
        ],
      },
    },
    {
      inputs: { x: [4, 3] },
      options: {
        padding: [
          [0, 0],
          [2, 1],
        ],
        mode: "reflect",
      },
    },
    { inputs: { x: [2, 3, 1] }, options: { padding: [3, [0, 2]], mode: "replicate" } },
    { inputs: { x: [0, 3] }, options: { padding: [0, 1] } },
  ],
  take: [
    { inputs: { x: [5, 3], indices: indices([4], 5) }, options: {} },
    { inputs: { x: [2, 3, 4], indices: indices([2, 3], 3) }, options: { axis: 1 } },
    { inputs: { x: [3, 4], indices: indices([], 4) }, options: { axis: -1 } },
    { inputs: { x: [0, 3], indices: indices([2], 3) }, options: { axis: 1 } },
  ],
  takeBackward: [
    { inputs: { indices: indices([4], 5), dy: [4, 3] }, attributes: { axis: 0, shape: [5, 3] } },
    { inputs: { indices: indices([2, 3], 3), dy: [2, 2, 3, 4] }, attributes: { axis: 1, shape: [2, 3, 4] } },
    { inputs: { indices: indices([2, 3], 4), dy: [2, 3, 5] }, attributes: { axis: 0, shape: [4, 5], skipped: 3 } },
    { inputs: { indices: indices([2], 3), dy: [0, 2] }, attributes: { axis: 1, shape: [0, 3] } },
    { inputs: { indices: indices([40], 3), dy: [40, 70] }, attributes: { axis: 0, shape: [3, 70] }, isLarge: true },
  ],
  gather: [
    { inputs: { x: [3, 4], indices: indices([3, 2], 4) }, options: { axis: 1 } },
    { inputs: { x: [4, 2], indices: indices([5, 2], 4) }, options: { axis: 0 } },
    { inputs: { x: [0, 3], indices: indices([0, 2], 3) }, options: { axis: 1 } },
  ],
  scatterAdd: [
    { inputs: { x: [3, 4], indices: indices([3, 2], 4), source: generic([3, 2], 2) }, options: { axis: 1 } },
    { inputs: { x: [4, 3], indices: indices([5, 2], 4), source: generic([6, 2], 2) }, options: { axis: -2 } },
    { inputs: { x: [0, 3], indices: indices([0, 2], 3), source: [0, 2] }, options: { axis: 1 } },
  ],
  cumulativeSum: [
    { inputs: { x: [7] }, options: {} },
    { inputs: { x: [3, 4, 2] }, options: { axis: 1, reverse: true } },
    { inputs: { x: [0, 3] }, options: { axis: 0 } },
    { inputs: { x: [3, 0] }, options: { axis: 1 } },
  ],
  expand: [
    { inputs: { x: [3, 1] }, options: { shape: [2, 3, 4] } },
    { inputs: { x: [3, 1] }, options: { shape: [2, -1, 4] } },
    { inputs: { x: [2, 3] }, options: { shape: [2, 3] } },
    { inputs: { x: [0, 1] }, options: { shape: [2, 0, 3] } },
  ],
  stopGradient: [{ inputs: { x: [2, 3] } }, { inputs: { x: [0, 3] } }],
  copy: [{ inputs: { x: [2, 3] } }, { inputs: { x: [0, 3] } }],
  reshape: [
    { inputs: { x: [2, 3, 4] }, options: { shape: [4, 6] } },
    { inputs: { x: [2, 3, 4] }, options: { shape: [-1, 2, 1] } },
    { inputs: { x: [0, 3] }, options: { shape: [0] } },
  ],
  ...Object.fromEntries(
    ["argsort", "sort"].map((name) => [
      name,
      [
        { inputs: { x: apart([7]) }, options: {} },
        { inputs: { x: apart([3, 5, 2]) }, options: { axis: 1, descending: true } },
        { inputs: { x: apart([2, 60]) }, options: {} },
        { inputs: { x: [] }, options: {} },
        { inputs: { x: [0, 3] }, options: { axis: 0 } },
        { inputs: { x: [2, 0] }, options: {} },
      ],
    ]),
  ),
  topK: [
    { inputs: { x: apart([7]) }, options: { k: 3 } },
    { inputs: { x: apart([3, 5, 2]) }, options: { k: 2, axis: 1, largest: false } },
    { inputs: { x: apart([3, 4]) }, options: { k: 0 } },
    { inputs: { x: [] }, options: { k: 1 } },
    { inputs: { x: [0, 3] }, options: { k: 2 } },
  ],
  oneHot: [
    { inputs: { indices: indices([5], 3) }, options: { classes: 3 } },
    { inputs: { indices: indices([2, 3], 4) }, options: { classes: 2 } },
    { inputs: { indices: indices([0, 3], 4) }, options: { classes: 2 } },
  ],
  ...Object.fromEntries(
    ["tril", "triu"].map((name) => [
      name,
      [
        { inputs: { x: [3, 4] }, options: {} },
        { inputs: { x: [2, 4, 3] }, options: { diagonal: 1 } },
        { inputs: { x: [2, 4, 3] }, options: { diagonal: -2 } },
        { inputs: { x: truth([3, 3]) }, options: { diagonal: 0 } },
        { inputs: { x: [0, 3, 3] }, options: {} },
      ],
    ]),
  ),
  roll: [
    { inputs: { x: [7] }, options: { shifts: 3, axes: 0 } },
    { inputs: { x: [3, 4, 2] }, options: { shifts: [-1, 6], axes: [0, -2] } },
    { inputs: { x: [3, 4] }, options: { shifts: [4], axes: [1] } },
    { inputs: { x: [0, 3] }, options: { shifts: 1, axes: 0 } },
  ],
};

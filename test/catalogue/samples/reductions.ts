import { apart, generic, positive, truth } from "../sample.js";
import type { Writtens } from "../written.js";

export const written: Writtens = {
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
  cosineSimilarity: [
    { inputs: { a: [3, 5], b: generic([3, 5], 2) }, options: {} },
    { inputs: { a: [2, 3, 4], b: generic([3, 1], 2) }, options: { axis: -1 } },
    { inputs: { a: [0, 3], b: generic([0, 3], 2) }, options: {} },
  ],
  pairwiseDistance: [
    { inputs: { a: [3, 5], b: generic([3, 5], 2) }, options: {} },
    { inputs: { a: [2, 3, 4], b: generic([4], 2) }, options: { p: 3, epsilon: 0.01, keepDims: true } },
    { inputs: { a: [0, 3], b: generic([0, 3], 2) }, options: {} },
  ],
};

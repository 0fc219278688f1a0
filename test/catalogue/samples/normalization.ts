import { apart, fixed, generic, positive, type Given } from "../sample.js";
import type { Shape } from "../../../src/graph/index.js";
import type { Writtens } from "../written.js";

const norm = (channels: number): Readonly<Record<string, Given>> => ({
  gamma: generic([channels], 2),
  beta: generic([channels], 3),
  runningMean: fixed(generic([channels], 4)),
  runningVariance: fixed(positive([channels], 5)),
});

/** What elements of a row, or channels, are scaled and shifted by. */
const affine = (shape: Shape): Readonly<Record<string, Given>> => ({
  gamma: generic(shape, 2),
  beta: generic(shape, 3),
});

export const written: Writtens = {
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
  standardise: [
    { inputs: { x: [3, 4] }, attributes: { axes: [1], epsilon: 1e-3 } },
    { inputs: { x: [2, 3, 2, 2] }, attributes: { axes: [1, 3], epsilon: 1e-3 } },
    { inputs: { x: [3, 4] }, attributes: { axes: [0], epsilon: 1e-3, centered: false } },
    { inputs: { x: [0, 4] }, attributes: { axes: [1], epsilon: 1e-3 } },
  ],
  layerNorm: [
    { inputs: { x: [3, 5], ...affine([5]) }, options: {} },
    { inputs: { x: [2, 3, 4] }, options: { epsilon: 1e-2 } },
    { inputs: { x: [5, 2, 3], gamma: generic([2, 3], 2) }, options: { normalizedShape: [2, 3] } },
    { inputs: { x: [3, 2, 4], beta: generic([4], 3) }, options: { normalizedShape: 4 } },
    { inputs: { x: [3, 1], ...affine([1]) }, options: {} },
    { inputs: { x: [7], ...affine([7]) }, options: {} },
    { inputs: { x: [0, 4], ...affine([4]) }, options: {} },
    { inputs: { x: [300, 9], ...affine([9]) }, options: {}, isLarge: true },
    { inputs: { x: [3, 1500], ...affine([1500]) }, options: {}, isLarge: true },
  ],
  rmsNorm: [
    { inputs: { x: [3, 5], gamma: generic([5], 2) }, options: {} },
    { inputs: { x: [2, 3, 4] }, options: { epsilon: 1e-2 } },
    { inputs: { x: [5, 2, 3], gamma: generic([2, 3], 2) }, options: {} },
    { inputs: { x: [0, 4], gamma: generic([4], 2) }, options: {} },
    { inputs: { x: [70, 1100], gamma: generic([1100], 2) }, options: {}, isLarge: true },
  ],
  groupNorm: [
    { inputs: { x: [2, 3, 6], ...affine([6]) }, options: { numGroups: 3 } },
    { inputs: { x: [2, 2, 2, 4], gamma: generic([4], 2) }, options: { numGroups: 4, epsilon: 1e-3 } },
    { inputs: { x: [2, 3, 4], ...affine([4]) }, options: { numGroups: 1 } },
    { inputs: { x: [3, 8] }, options: { numGroups: 2 } },
    { inputs: { x: [0, 2, 4], ...affine([4]) }, options: { numGroups: 2 } },
  ],
  instanceNorm: [
    { inputs: { x: [2, 5, 3], ...affine([3]) }, options: {} },
    { inputs: { x: [2, 3, 2, 2] }, options: { epsilon: 1e-3 } },
    { inputs: { x: [2, 1, 3], ...norm(3) }, options: { training: false } },
    { inputs: { x: [0, 2, 3] }, options: {} },
  ],
  localResponseNorm: [
    { inputs: { x: [2, 3, 6] }, options: { size: 3, alpha: 0.5, beta: 0.75, k: 2 } },
    { inputs: { x: [3, 5] }, options: { size: 4, alpha: 1 } },
    { inputs: { x: [3, 2] }, options: { size: 9, alpha: 1 } },
    { inputs: { x: [0, 3] }, options: { size: 2 } },
  ],
};

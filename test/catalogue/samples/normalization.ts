import { apart, fixed, generic, positive, type Given } from "../sample.js";
import type { Writtens } from "../written.js";

const norm = (channels: number): Readonly<Record<string, Given>> => ({
  gamma: generic([channels], 2),
  beta: generic([channels], 3),
  runningMean: fixed(generic([channels], 4)),
  runningVariance: fixed(positive([channels], 5)),
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
};

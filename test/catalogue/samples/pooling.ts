import { apart } from "../sample.js";
import type { Writtens } from "../written.js";

export const written: Writtens = {
  maxPool2d: [
    { inputs: { x: apart([2, 4, 5, 3]) }, options: { kernelSize: 2 } },
    { inputs: { x: apart([1, 4, 5, 2]) }, options: { kernelSize: 2, stride: 1, padding: "same" } },
    {
      inputs: { x: apart([1, 5, 4, 2]) },
      options: { kernelSize: [3, 2], stride: [2, 1], padding: [1, 0], relu: true },
    },
    { inputs: { x: [0, 4, 4, 2] }, options: { kernelSize: 2 } },
  ],
};

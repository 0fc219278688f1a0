import { generic } from "../sample.js";
import type { Writtens } from "../written.js";

export const written: Writtens = {
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
};

import { apart, generic, labels } from "../sample.js";
import type { Writtens } from "../written.js";

export const written: Writtens = {
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
};

import { filled, fixed, generic, truth } from "../sample.js";
import type { Writtens } from "../written.js";

const three = (queries: number, keys: number, features: number, valueFeatures = features) => ({
  query: generic([2, queries, features], 1),
  key: generic([2, keys, features], 2),
  value: generic([2, keys, valueFeatures], 3),
});

/** Truth values for 5 queries and 4 keys; the third query sees none. */
const someRowMasked = fixed({
  shape: [5, 4],
  data: Uint8Array.from({ length: 20 }, (_, i) => Number(Math.floor(i / 4) !== 2 && i % 3 !== 1)),
});

export const written: Writtens = {
  scaledDotProductAttention: [
    { inputs: three(3, 4, 2), options: {} },
    { inputs: { query: [5, 3], key: [1, 3], value: [1, 9] }, options: { scale: -0.5 } },
    { inputs: three(5, 4, 3, 2), options: { isCausal: true, scale: 2 } },
    { inputs: { ...three(5, 4, 3), mask: someRowMasked }, options: {} },
    { inputs: { ...three(5, 4, 3), mask: generic([2, 1, 4], 4) }, attributes: { isCausal: true } },
    {
      inputs: { query: [2, 1, 3, 4], key: generic([3, 5, 4], 2), value: generic([1, 5, 2], 3), mask: truth([3, 1, 5]) },
      options: {},
    },
    {
      inputs: { ...three(3, 5, 2), mask: filled([1], -0.5) },
      attributes: { scale: 0.7, p: 0.25, dropScale: 4 / 3, stream: 3 },
    },
    { inputs: three(0, 4, 3), options: {} },
    { inputs: three(2, 0, 3), options: {} },
    { inputs: { query: [0, 2, 3], key: [0, 4, 3], value: [0, 4, 3] }, options: {} },
    { inputs: three(70, 90, 13, 10), options: { isCausal: true }, isLarge: true },
  ],
  rotaryEmbedding: [
    { inputs: { x: [2, 3, 4] }, options: {} },
    { inputs: { x: [5, 6] }, options: { theta: 50, offset: 3, interleaved: true } },
    { inputs: { x: [0, 3, 2] }, options: {} },
  ],
};

import type { Shape } from "../../../src/graph/index.js";
import { type Fixed, fixed, generic } from "../sample.js";
import type { Writtens } from "../written.js";

const integers = (shape: Shape, ...data: number[]): Fixed => fixed({ shape, data: Int32Array.from(data) });

export const written: Writtens = {
  embedding: [
    { inputs: { indices: integers([4], 1, 0, 1, 4), table: [5, 3] }, options: {} },
    { inputs: { indices: integers([2, 3], 2, 1, -1, 2, 2, 0), table: [4, 2] }, options: {} },
    { inputs: { indices: integers([], 2), table: [3, 4] }, options: {} },
    { inputs: { indices: integers([0]), table: [3, 2] }, options: {} },
    { inputs: { indices: integers([2], 1, 1), table: [3, 0] }, options: {} },
  ],
  embeddingBag: [
    { inputs: { indices: integers([2, 3], 1, 0, 1, 4, 4, 2), table: [5, 3] }, options: {} },
    {
      inputs: { indices: integers([2, 3], 1, 0, 1, 4, 4, 2), table: [5, 3], perSampleWeights: generic([2, 3], 3) },
      options: { mode: "sum", paddingIndex: 1 },
    },
    {
      inputs: { indices: integers([3, 2], 1, 0, 1, 1, 3, 4), table: [5, 3] },
      options: { mode: "max", paddingIndex: 1 },
    },
    {
      inputs: { indices: integers([3, 2], 1, 0, 1, 1, 3, 4), table: [5, 3] },
      options: { paddingIndex: 1 },
    },
    {
      inputs: { indices: integers([6], 1, 0, 1, 4, 3, 2), table: [5, 3], offsets: integers([4], 0, 2, 2, 5) },
      options: { mode: "sum" },
    },
    {
      inputs: { indices: integers([6], 1, 0, 1, 4, 3, 2), table: [5, 3], offsets: integers([4], 0, 2, 2, 6) },
      options: { mode: "mean", paddingIndex: 4 },
    },
    {
      inputs: { indices: integers([6], 1, 0, 3, 4, 1, 2), table: [5, 3], offsets: integers([4], 0, 2, 2, 5) },
      options: { mode: "max" },
    },
    {
      inputs: { indices: integers([7], 1, 0, 3, 4, 1, 2, 2), table: [5, 3], offsets: integers([4], 0, 1, 5, 7) },
      options: { mode: "max", paddingIndex: 2, includeLastOffset: true },
    },
    {
      inputs: {
        indices: integers([3], 1, 0, 3),
        table: [5, 2],
        offsets: integers([2], 0, 1),
        perSampleWeights: generic([3], 3),
      },
      options: { mode: "sum" },
    },
    { inputs: { indices: integers([0]), table: [5, 0], offsets: integers([2], 0, 0) }, options: { mode: "max" } },
    { inputs: { indices: integers([0, 2]), table: [5, 0] }, options: {} },
  ],
};

import { define, gradientsOf, type Inputs, reshaped, type Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { equal, greater, less, notEqual } from "../elementwise/comparisons.js";
import { clamp } from "../elementwise/extrema.js";
import { logicalAnd, logicalOr } from "../elementwise/logical.js";
import { negate } from "../elementwise/magnitude.js";
import { subtract } from "../elementwise/subtract.js";
import { where } from "../elementwise/where.js";
import { logSumExp } from "../reductions/logSumExp.js";
import { concat, stack } from "../structure/concat.js";
import { expand } from "../structure/expand.js";
import { gather } from "../structure/gather.js";
import { pad } from "../structure/pad.js";
import { partOf } from "../structure/slice.js";
import { ctcCost } from "./ctcRecursion.js";

/** The logarithm of a probability of 0 in the recursion: finite, so that differences of two are numbers. */
const impossible = -1e30;

/** Costs that no possible path has. */
const infinite = 1e29;

type Paths = Inputs<"logarithms" | "labels" | "inputLengths" | "targetLengths">;

interface Attributes {
  readonly blank: number;
}

const names = ["logarithms", "labels", "inputLengths", "targetLengths"] as const;
const integers = ["labels", "inputLengths", "targetLengths"] as const;

/** The recursion in operations, some twenty for each step: what the gradient of the gradient is made of. */
function composed({ logarithms, labels, inputLengths, targetLengths }: Paths, { blank }: Attributes): Value {
  const { graph } = logarithms;
  const [batch, steps] = logarithms.shape as [number, number];
  const states = 2 * labels.shape[1]! + 1;
  // A path is in one of these states at each step: blank, label, blank, label, …, blank.
  const blanks = graph.constant(labels.shape, blank, "blanks", "i32");
  const pairs = reshaped(stack([blanks, labels], 2), [batch, states - 1]);
  const ofState = concat([pairs, graph.constant([batch, 1], blank, "a blank", "i32")], 1);
  const places = expand(reshaped(ofState, [batch, 1, states]), [batch, steps, states]);
  const emissions = clamp(gather(logarithms, places, 2), { min: impossible });
  const state = graph.iota(states);
  const before = (x: Value, count: number): Value => {
    const fill = x.dataType === "i32" ? blank : impossible;
    return partOf(pad(x, { padding: [0, [count, 0]], value: fill }), [batch, states]);
  };
  // From a label to the next, over the blank between them, unless they are the same.
  const skips = logicalAnd(notEqual(ofState, blank), notEqual(ofState, before(ofState, 2)));
  const at = (step: number): Value => reshaped(partOf(emissions, [batch, 1, states], 1, step), [batch, states]);
  let paths = where(less(state, 2), at(0), impossible);
  for (let step = 1; step < steps; step++) {
    const from = stack([paths, before(paths, 1), where(skips, before(paths, 2), impossible)], 2);
    const next = add(at(step), logSumExp(from, { axes: 2 }));
    paths = where(greater(column(inputLengths), step), next, paths);
  }
  const last = add(column(targetLengths), column(targetLengths));
  const isEnd = logicalOr(equal(state, last), equal(state, subtract(last, 1)));
  const costs = negate(logSumExp(where(isEnd, paths, impossible), { axes: 1 }));
  return where(greater(costs, infinite), Infinity, costs);
}

/** The slopes of each sequence times its upstream gradient. */
export const ctcPathsBackwardOperation = /* @__PURE__ */ define({
  name: "ctcPathsBackward",
  inputs: ["slopes", "dy", ...names],
  outputs: ["dx"],
  otherTypes: integers,
  forGradient: names,
  attributes: { blank: 0 },
  shape: ({ slopes }) => ({ dx: slopes.shape }),
  compose: ({ dy, logarithms, ...others }, attributes) => ({
    dx: gradientsOf(() => composed({ logarithms, ...others }, attributes), [logarithms], dy)[0]!,
  }),
  lower: (emit, { inputs: { slopes, dy }, outputs: { dx } }) =>
    emit.hostCall([slopes, dy, dx], ([slopes, dy, dx]) => {
      const size = slopes!.length / Math.max(dy!.length, 1);
      slopes!.forEach((slope, i) => (dx![i] = slope === 0 ? 0 : slope * dy![Math.floor(i / size)]!));
    }),
});

/**
 * −ln of the probability of all paths that read as the labels of each sequence: the recursion is a loop of TypeScript over float64,
 * which costs no more than its exponentials. It keeps its gradient.
 */
export const ctcPathsOperation = /* @__PURE__ */ define({
  name: "ctcPaths",
  inputs: names,
  otherTypes: integers,
  kept: ["slopes"],
  attributes: { blank: 0 },
  shape: ({ labels, logarithms }) => ({ y: labels.shape.slice(0, 1), slopes: logarithms.shape }),
  compose: (inputs, attributes) => ({ y: composed(inputs, attributes) }),
  lower(emit, { inputs, outputs: { y, slopes }, attributes: { blank } }) {
    const { logarithms, labels, inputLengths, targetLengths } = inputs;
    const [, steps, classes] = logarithms.shape as [number, number, number];
    const most = labels.shape[1]!;
    const read = emit.isRead(slopes) ? [slopes] : [];
    emit.hostCall([logarithms, labels, inputLengths, targetLengths, y, ...read], (views) => {
      const [x, , , , costs, kept] = views as [Float32Array, ...Float32Array[]];
      const [all, lengths, counts] = views
        .slice(1, 4)
        .map((view) => new Int32Array(view.buffer, view.byteOffset, view.length));
      kept?.fill(0);
      costs!.forEach((_, i) => {
        const part = (view: Float32Array): Float32Array =>
          view.subarray(i * steps * classes, (i + 1) * steps * classes);
        const sequence = {
          ...{ logarithms: part(x), classes, blank, steps: Math.min(lengths![i]!, steps) },
          labels: all!.subarray(i * most, i * most + Math.min(counts![i]!, most)),
        };
        costs![i] = ctcCost(sequence, kept && part(kept));
      });
    });
  },
  gradient: ({ inputs, outputs: { slopes }, attributes, upstreams: { y: dy } }) => ({
    logarithms: ctcPathsBackwardOperation.apply({ slopes, dy, ...inputs }, attributes).dx,
  }),
});

/** Numbers of sequences, [B], as a column. */
export function column(x: Value): Value {
  return reshaped(x, [x.size, 1]);
}

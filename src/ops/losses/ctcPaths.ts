import { define, reshaped, type Value } from "../../graph/index.js";
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

/** The logarithm of a probability of 0 in the recursion: finite, so that differences of two are numbers. */
const impossible = -1e30;

/** −ln of the probability of all paths that read as the labels. */
export const ctcPathsOperation = /* @__PURE__ */ define({
  name: "ctcPaths",
  inputs: ["logarithms", "labels", "inputLengths", "targetLengths"],
  otherTypes: ["labels", "inputLengths", "targetLengths"],
  attributes: { blank: 0 },
  shape: ({ labels }) => ({ y: labels.shape.slice(0, 1) }),
  compose({ logarithms, labels, inputLengths, targetLengths }, { blank }) {
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
    return { y: negate(logSumExp(where(isEnd, paths, impossible), { axes: 1 })) };
  },
});

/** Numbers of sequences, [B], as a column. */
export function column(x: Value): Value {
  return reshaped(x, [x.size, 1]);
}

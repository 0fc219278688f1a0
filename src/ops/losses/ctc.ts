import { flag, integerFrom, type Numbers, optional, ShapeError } from "../../engine/index.js";
import { define, formatValue, reshaped, type Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { cast } from "../elementwise/cast.js";
import { equal, greater, greaterEqual, less, notEqual } from "../elementwise/comparisons.js";
import { divide } from "../elementwise/divide.js";
import { clamp, maximum } from "../elementwise/extrema.js";
import { logicalAnd, logicalOr } from "../elementwise/logical.js";
import { negate } from "../elementwise/magnitude.js";
import { subtract } from "../elementwise/subtract.js";
import { where } from "../elementwise/where.js";
import { logSumExp } from "../reductions/logSumExp.js";
import { sum } from "../reductions/sum.js";
import { concat, stack } from "../structure/concat.js";
import { expand } from "../structure/expand.js";
import { gather } from "../structure/gather.js";
import { pad } from "../structure/pad.js";
import { partOf } from "../structure/slice.js";
import { lossFunction, type LossOptions } from "./loss.js";

/** The logarithm of a probability of 0 in the recursion: finite, so that differences of two are numbers. */
const impossible = -1e30;
/** Costs that no possible path has. */
const infinite = 1e29;

/** Options of `ctc`. */
export interface CtcOptions extends LossOptions {
  /** The class that stands for no label. Default 0. */
  readonly blank?: number;
  /** How many steps of each sequence count, [B]. Default: all. */
  readonly inputLengths?: Value | Numbers;
  /** How many labels each sequence has, [B]. Default: as many as are not negative. */
  readonly targetLengths?: Value | Numbers;
  /** Whether a sequence that is too short for its labels costs nothing instead of Infinity. Default false. */
  readonly zeroInfinity?: boolean;
}

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

function column(x: Value): Value {
  return reshaped(x, [x.size, 1]);
}

/**
 * Connectionist temporal classification (Graves et al., 2006): −ln of the probability that the steps of a sequence read as its labels
 * once repetitions and then blanks are left out, as PyTorch's CTCLoss. Logarithms of probabilities [B, steps, classes], as
 * `logSoftmax` gives them, and int32 labels [B, S] → [1]; the losses are [B]. "mean" divides each by the number of its labels first.
 * Throws ShapeError, ArgumentError.
 */
export const ctc: (prediction: Value, target: Value, options?: CtcOptions) => Value = /* @__PURE__ */ lossFunction({
  name: "ctc",
  inputs: ["prediction", "target", "inputLengths?", "targetLengths?"],
  otherTypes: ["target", "inputLengths", "targetLengths"],
  options: () => ({ blank: optional(integerFrom(0), 0), zeroInfinity: optional(flag, false) }),
  shape({ prediction, target, inputLengths, targetLengths }, { blank }) {
    const [batch, steps, classes] = prediction.shape;
    const areLengths = [inputLengths, targetLengths].every(
      (given) => !given || String(given.shape) === String([batch]),
    );
    const areLabels = target.dataType === "i32" && target.shape.length === 2 && target.shape[0] === batch;
    if (prediction.shape.length === 3 && areLabels && areLengths && steps! > 0 && blank < classes!) return [batch!];
    const given = [prediction, target, ...[inputLengths, targetLengths].filter((lengths) => lengths !== undefined)];
    throw new ShapeError(
      "ctc: wants logarithms of probabilities [B, steps, classes], int32 labels [B, S], lengths [B], and a blank among the " +
        `classes; got ${given.map(formatValue).join("; ")}; blank ${blank}`,
    );
  },
  each({ prediction, target, ...lengths }, { blank, zeroInfinity, reduction }) {
    const [batch, steps] = prediction.shape as [number, number];
    const targetLengths = lengths.targetLengths
      ? cast(lengths.targetLengths, "i32")
      : sum(cast(greaterEqual(target, 0), "i32"), { axes: 1 });
    const inputLengths = lengths.inputLengths
      ? cast(lengths.inputLengths, "i32")
      : target.graph.constant([batch], steps, "all steps", "i32");
    const labels = where(less(target.graph.iota(target.shape[1]!), column(targetLengths)), target, blank);
    const logarithms = prediction;
    const { y } = ctcPathsOperation.apply({ logarithms, labels, inputLengths, targetLengths }, { blank });
    // A sequence of no steps reads as no labels, for certain.
    const isNothing = equal(inputLengths, 0);
    const costs = where(isNothing, where(equal(targetLengths, 0), 0, Infinity), y);
    const losses = where(greater(costs, infinite), zeroInfinity ? 0 : Infinity, costs);
    if (reduction !== "mean") return losses;
    return divide(losses, cast(maximum(targetLengths, 1), "f32"));
  },
});

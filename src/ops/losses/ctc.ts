import { flag, integerFrom, type Numbers, optional, ShapeError } from "../../engine/index.js";
import { formatValue, type Value } from "../../graph/index.js";
import { cast } from "../elementwise/cast.js";
import { equal, greaterEqual, less } from "../elementwise/comparisons.js";
import { divide } from "../elementwise/divide.js";
import { maximum } from "../elementwise/extrema.js";
import { where } from "../elementwise/where.js";
import { sum } from "../reductions/sum.js";
import { lossFunction, type LossOptions } from "./loss.js";
import { column, ctcPathsOperation } from "./ctcPaths.js";

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
    const ofNothing = where(equal(targetLengths, 0), 0, Infinity);
    const costs = where(equal(inputLengths, 0), ofNothing, y);
    const losses = zeroInfinity ? where(equal(costs, Infinity), 0, costs) : costs;
    if (reduction !== "mean") return losses;
    return divide(losses, cast(maximum(targetLengths, 1), "f32"));
  },
});

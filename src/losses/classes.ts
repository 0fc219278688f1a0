import type { Value } from "../graph/index.js";
import { accuracy } from "../ops/losses/accuracy.js";
import {
  crossEntropy as crossEntropyOp,
  type CrossEntropyOptions,
  multiMargin as multiMarginOp,
  type MultiMarginOptions,
  nll as nllOp,
  type NllOptions,
} from "../ops/losses/classes.js";
import { ctc as ctcOp, type CtcOptions } from "../ops/losses/ctc.js";
import { softmaxCrossEntropy } from "../ops/losses/softmaxCrossEntropy.js";
import { type Loss, type LossFactory, lossFactory, marked } from "./loss.js";

const ofClasses = { targets: "classes", countCorrect: accuracy } as const;

const generalCrossEntropy: LossFactory<CrossEntropyOptions> = /* @__PURE__ */ lossFactory(crossEntropyOp, {
  ...ofClasses,
  takesProbabilities: true,
  takes: "logits",
});

/**
 * Mean of −ln softmax(logits)[label] over all labels, or of −Σ target·ln softmax(logits) where targets are probabilities. The
 * model ends in logits [..., classes]: the softmax is part of the loss, and a trainer refuses a model that ends in probabilities.
 * Ending in logSoftmax changes nothing: its softmax is the same. No label is ignored unless `ignoreIndex` says which.
 */
export const crossEntropy: LossFactory<CrossEntropyOptions> = /* @__PURE__ */ marked(
  "crossEntropy",
  (options: Omit<CrossEntropyOptions, "weights"> = {}): Loss => {
    const loss = generalCrossEntropy(options);
    if (Object.keys(options).length > 0) return loss;
    // Labels that a trainer has checked need no more than the kernel.
    const isPlain = (target: Value, given?: object): boolean => target.dataType === "i32" && given === undefined;
    return {
      ...loss,
      apply: (prediction, target, given) =>
        isPlain(target, given) ? softmaxCrossEntropy(prediction, target) : loss.apply(prediction, target, given),
    };
  },
);

/** Mean of −x[label] for a model that ends in logarithms of probabilities, as of logSoftmax: crossEntropy in two parts. */
export const nll: LossFactory<NllOptions> = /* @__PURE__ */ lossFactory(nllOp, ofClasses);

/** The hinge of a choice between classes: by how much other scores come nearer than a margin to that of the label. */
export const multiMargin: LossFactory<MultiMarginOptions> = /* @__PURE__ */ lossFactory(multiMarginOp, ofClasses);

/** Options of `losses.ctc`: all steps count. */
export type CtcLossOptions = Omit<CtcOptions, "inputLengths" | "targetLengths">;

/**
 * Connectionist temporal classification: a model that puts out logarithms of probabilities [steps, classes], as of logSoftmax, learns
 * sequences of labels [S] without being told at which steps they are. Shorter ones end in −1.
 */
export const ctc: (options?: CtcLossOptions) => Loss = /* @__PURE__ */ lossFactory(
  ctcOp,
  { targets: "classes", targetShape: (_, given) => given, ignoreIndex: -1 },
  ["inputLengths", "targetLengths"],
);

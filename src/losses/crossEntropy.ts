import { checkOptions } from "../engine/index.js";
import { accuracy } from "../ops/losses/accuracy.js";
import { softmaxCrossEntropy } from "../ops/losses/softmaxCrossEntropy.js";
import type { Loss, NoOptions } from "./loss.js";

/**
 * Mean over the batch of −ln softmax(logits)[label]. The model ends in logits, one a class: the softmax is part of the loss, and
 * a trainer refuses a model that ends in probabilities. Ending in logSoftmax changes nothing: its softmax is the same.
 */
export function crossEntropy(options: NoOptions = {}): Loss {
  checkOptions("losses.crossEntropy", options, []);
  return {
    name: "crossEntropy",
    targets: "classes",
    takes: "logits",
    apply: softmaxCrossEntropy,
    countCorrect: accuracy,
  };
}

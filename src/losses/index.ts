import { checkOptions } from "../engine/index.js";
import type { Shape, Value } from "../graph/index.js";
import { accuracy } from "../ops/accuracy.js";
import { softmaxCrossEntropy } from "../ops/softmaxCrossEntropy.js";
import { halfSumOfSquares as halfSumOfSquaresOp, meanSquaredError as meanSquaredErrorOp } from "../ops/squaredError.js";

/** What a trainer minimises. */
export interface Loss {
  readonly name: string;
  /** Whether targets are class labels (int32, one a sample) or values (float32). */
  readonly targets: "classes" | "values";
  /**
   * Shape of a sample's target where the model puts out `outputShape`; of losses on values. Default: the same. One number is
   * taken for any shape of one number: without an axis for [1].
   */
  targetShape?(outputShape: Shape): Shape;
  /**
   * "logits": the loss itself takes the softmax or sigmoid of the prediction, so a trainer refuses a model that ends in one.
   * Default: the prediction is taken as it is.
   */
  readonly takes?: "logits";
  /** The loss of a batch as a Value of shape [1]: a mean over the batch. */
  apply(prediction: Value, target: Value): Value;
  /** How many samples of a batch are predicted rightly, shape [1]; only of losses on classes. */
  countCorrect?(prediction: Value, target: Value): Value;
}

type NoOptions = Readonly<Record<string, never>>;

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

/** Mean over all elements of (prediction − target)². */
export function meanSquaredError(options: NoOptions = {}): Loss {
  checkOptions("losses.meanSquaredError", options, []);
  return { name: "meanSquaredError", targets: "values", apply: meanSquaredErrorOp };
}

/** ½ Σ (prediction − target)² of a sample, averaged over the batch: the loss of the classical backpropagation notes. */
export function halfSumOfSquares(options: NoOptions = {}): Loss {
  checkOptions("losses.halfSumOfSquares", options, []);
  return { name: "halfSumOfSquares", targets: "values", apply: halfSumOfSquaresOp };
}

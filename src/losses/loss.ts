import type { Shape, Value } from "../graph/index.js";

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

/** The options of losses that have none. */
export type NoOptions = Readonly<Record<string, never>>;

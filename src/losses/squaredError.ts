import { checkOptions } from "../engine/index.js";
import {
  halfSumOfSquares as halfSumOfSquaresOp,
  meanSquaredError as meanSquaredErrorOp,
} from "../ops/losses/distances.js";
import type { Loss, NoOptions } from "./loss.js";

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

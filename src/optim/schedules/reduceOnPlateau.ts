import { integerFrom, numberFrom, oneOf, optional, readOptions } from "../../engine/index.js";
import { factory, noRun, type Schedule } from "./progress.js";

export interface ReduceOnPlateauOptions {
  /** What the factor is multiplied by. Default 0.1. */
  readonly factor?: number;
  /** Epochs without improvement that change nothing. Default 10. */
  readonly patience?: number;
  /** By how much a loss must be less than the best to be an improvement. Default 1e-4. */
  readonly threshold?: number;
  /** Whether the threshold is a part of the best loss, "relative", or a difference, "absolute". Default "relative". */
  readonly thresholdMode?: "relative" | "absolute";
  /** Epochs after a reduction that are not counted. Default 0. */
  readonly cooldown?: number;
  /** Least factor. Default 0. */
  readonly minimum?: number;
}

/**
 * Multiplies the rate by `factor` whenever more than `patience` epochs have not improved the loss: that of the fit's validation,
 * or else of its training. As PyTorch's ReduceLROnPlateau. The schedule throws ArgumentError in `trainStep`.
 * @throws ArgumentError for options out of range
 */
export const reduceOnPlateau = /* @__PURE__ */ factory(
  "reduceOnPlateau",
  (options: ReduceOnPlateauOptions = {}): Schedule => {
    const { factor, patience, threshold, thresholdMode, cooldown, minimum } = readOptions(
      "schedules.reduceOnPlateau",
      options,
      {
        factor: optional(numberFrom(0, 1), 0.1),
        patience: optional(integerFrom(0), 10),
        threshold: optional(numberFrom(0), 1e-4),
        thresholdMode: optional(oneOf(["relative", "absolute"]), "relative"),
        cooldown: optional(integerFrom(0), 0),
        minimum: optional(numberFrom(0), 0),
      },
    );
    const limit = (best: number): number => (thresholdMode === "relative" ? best * (1 - threshold) : best - threshold);
    return ({ losses = [], run }) => {
      if (!run) throw noRun("schedules.reduceOnPlateau watches the epochs of a fit", "trainer.learningRate");
      let [result, best, bad, cooling] = [1, Infinity, 0, 0];
      for (const loss of losses) {
        const isBetter = best === Infinity ? loss < best : loss < limit(best);
        if (isBetter) best = loss;
        bad = isBetter ? 0 : bad + 1;
        if (cooling > 0) [cooling, bad] = [cooling - 1, 0];
        if (bad <= patience) continue;
        [result, cooling, bad] = [Math.max(result * factor, Math.min(result, minimum)), cooldown, 0];
      }
      return result;
    };
  },
);

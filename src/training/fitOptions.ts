import { flag, functionLike, integerFrom, optional, readOptions, unread } from "../engine/index.js";
import type { Dataset } from "../data/dataset.js";
import type { StepReport } from "./reports.js";
import { checkOnNonFinite, type OnNonFinite } from "./stepGuard.js";

export interface FitOptions {
  /** Default 1. */
  readonly epochs?: number;
  /** Default 32. The last batch of an epoch may be smaller. */
  readonly batchSize?: number;
  /**
   * Batches of which a step adds up the gradients, each in proportion to its samples: a step as on one batch so many times as large,
   * in the memory of one. The last step of an epoch may have fewer. Default 1.
   */
  readonly accumulate?: number;
  /** Leave the last batch of an epoch out if it is smaller than the others. Default false. */
  readonly dropLast?: boolean;
  /** Visit the samples in a new random order each epoch. Default true. */
  readonly shuffle?: boolean;
  /** What becomes of steps whose loss or gradient is NaN or infinite. Default: as the trainer was told, or "throw". */
  readonly onNonFinite?: OnNonFinite;
  /** Evaluated after every epoch. */
  readonly validation?: Dataset | undefined;
  /** Called after every step, between kernels: keep it short. What it throws ends the run. */
  readonly onStep?: ((report: StepReport) => void) | undefined;
  /**
   * Awaited before every step: training stands still until it resolves, and its rejection ends the run. For pausing. The
   * time it takes does not count as time of training.
   */
  readonly gate?: (() => PromiseLike<void>) | undefined;
}

export interface FitSettings extends Required<
  Pick<FitOptions, "epochs" | "batchSize" | "accumulate" | "dropLast" | "shuffle" | "onNonFinite">
> {
  readonly validation: Dataset | undefined;
  readonly onStep: ((report: StepReport) => void) | undefined;
  readonly gate: (() => PromiseLike<void>) | undefined;
}

/** The options of a fit, defaults filled in. Throws ArgumentError for any that is unknown or out of its domain. */
export function readFitOptions(options: FitOptions, defaults: Pick<FitSettings, "onNonFinite">): FitSettings {
  return readOptions("fit", options, {
    epochs: optional(integerFrom(0), 1),
    batchSize: optional(integerFrom(1), 32),
    accumulate: optional(integerFrom(1), 1),
    dropLast: optional(flag, false),
    shuffle: optional(flag, true),
    onNonFinite: optional((_, given) => checkOnNonFinite(given), defaults.onNonFinite),
    validation: unread<Dataset | undefined>(),
    onStep: optional(functionLike<(report: StepReport) => void>("(report) => draw(report.loss)")),
    gate: optional(functionLike<() => PromiseLike<void>>("async () => { … }")),
  });
}

import { checkBoolean, checkFunction, checkInteger, checkOptions } from "../engine/index.js";
import type { Dataset } from "../data/dataset.js";
import type { StepReport } from "./reports.js";

export interface FitOptions {
  /** Default 1. */
  readonly epochs?: number;
  /** Default 32. The last batch of an epoch may be smaller. */
  readonly batchSize?: number;
  /** Leave the last batch of an epoch out if it is smaller than the others. Default false. */
  readonly dropLast?: boolean;
  /** Visit the samples in a new random order each epoch. Default true. */
  readonly shuffle?: boolean;
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

export interface FitSettings extends Required<Pick<FitOptions, "epochs" | "batchSize" | "dropLast" | "shuffle">> {
  readonly validation: Dataset | undefined;
  readonly onStep: ((report: StepReport) => void) | undefined;
  readonly gate: (() => PromiseLike<void>) | undefined;
}

/** The options of a fit, defaults filled in. Throws ArgumentError for any that is unknown or out of its domain. */
export function readFitOptions(options: FitOptions): FitSettings {
  checkOptions("fit", options, ["epochs", "batchSize", "dropLast", "shuffle", "validation", "onStep", "gate"]);
  const { epochs = 1, batchSize = 32, dropLast = false, shuffle = true, validation, onStep, gate } = options;
  checkInteger("epochs", epochs, 0);
  checkInteger("batchSize", batchSize, 1);
  checkBoolean("dropLast", dropLast);
  checkBoolean("shuffle", shuffle);
  if (onStep !== undefined) checkFunction("onStep", onStep, "(report) => console.log(report.loss)");
  if (gate !== undefined) checkFunction("gate", gate, "async () => { … }");
  return { epochs, batchSize, dropLast, shuffle, validation, onStep, gate };
}

import { checkBoolean, checkFunction, checkInteger, checkOptions } from "../engine/index.js";
import type { Dataset } from "../data/dataset.js";
import type { StepReport } from "./reports.js";
import { checkOnNonFinite, type OnNonFinite } from "./stepGuard.js";

export interface FitOptions {
  /** Default 1. */
  readonly epochs?: number;
  /** Default 32. The last batch of an epoch may be smaller. */
  readonly batchSize?: number;
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
  Pick<FitOptions, "epochs" | "batchSize" | "dropLast" | "shuffle" | "onNonFinite">
> {
  readonly validation: Dataset | undefined;
  readonly onStep: ((report: StepReport) => void) | undefined;
  readonly gate: (() => PromiseLike<void>) | undefined;
}

const flags = ["dropLast", "shuffle", "onNonFinite"] as const;
const names = ["epochs", "batchSize", ...flags, "validation", "onStep", "gate"] as const;

/** The options of a fit, defaults filled in. Throws ArgumentError for any that is unknown or out of its domain. */
export function readFitOptions(options: FitOptions, defaults: Pick<FitSettings, "onNonFinite">): FitSettings {
  checkOptions("fit", options, names);
  const { epochs = 1, batchSize = 32, dropLast = false, shuffle = true, validation, onStep, gate } = options;
  const { onNonFinite = defaults.onNonFinite } = options;
  checkInteger("epochs", epochs, 0);
  checkInteger("batchSize", batchSize, 1);
  checkBoolean("dropLast", dropLast);
  checkBoolean("shuffle", shuffle);
  checkOnNonFinite(onNonFinite);
  if (onStep !== undefined) checkFunction("onStep", onStep, "(report) => console.log(report.loss)");
  if (gate !== undefined) checkFunction("gate", gate, "async () => { … }");
  return { epochs, batchSize, dropLast, shuffle, onNonFinite, validation, onStep, gate };
}

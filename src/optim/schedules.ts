import { ArgumentError, integerFrom, numberFrom, optional, readOptions } from "../engine/index.js";
import { power } from "./power.js";

/** Where training is when a step's learning rate is asked for: in the life of the trainer, and in the `fit` under way. */
export interface Progress {
  /** Updates of the trainer so far plus one: 1 for its first. Never starts over. */
  readonly step: number;
  /**
   * Epochs that the trainer's fits have begun, this one included: 1 in the first. Never starts over; an epoch that was cut
   * short counts.
   */
  readonly epoch: number;
  /** Starts over with every fit. Undefined in `trainStep`, where nobody knows how many steps will follow. */
  readonly run: RunProgress | undefined;
}

/** Where a `fit` is. */
export interface RunProgress {
  /** From 1. */
  readonly step: number;
  /** Of all its epochs together. */
  readonly steps: number;
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
}

/** The factor on the learning rate at a step. Only correctly rounded operations, so that engines agree on every bit. */
export type Schedule = (progress: Progress) => number;

/** Always 1. */
export function constant(): Schedule {
  return () => 1;
}

/**
 * 1/√t with t the trainer's step: the rate η₀/√t of AdaGrad's and Adam's regret bounds. A further fit goes on from where
 * the last one ended.
 */
export function inverseSquareRoot(): Schedule {
  return ({ step }) => 1 / Math.sqrt(step);
}

export interface StepOptions {
  /** Of the trainer, those of earlier fits included. Default 10. */
  readonly everyEpochs?: number | undefined;
  /** Instead of epochs: steps of the trainer. For loops over `trainStep`, which know no epochs. */
  readonly everySteps?: number | undefined;
  /** Default 0.1. */
  readonly factor?: number;
}

/**
 * `factor` to the power of the number of whole `everyEpochs` (or `everySteps`) that the trainer has behind it. A further fit
 * goes on from where the last one ended. The schedule throws ArgumentError in `trainStep` unless it counts steps.
 * @throws ArgumentError for options out of range
 */
export function step(options: StepOptions = {}): Schedule {
  const { everyEpochs, everySteps, factor } = readOptions("schedules.step", options, {
    everyEpochs: optional(integerFrom(1), 10),
    everySteps: optional(integerFrom(1)),
    factor: optional(numberFrom(0), 0.1),
  });
  if (everySteps !== undefined) {
    if (options.everyEpochs !== undefined) {
      throw new ArgumentError("schedules.step takes everyEpochs or everySteps, not both");
    }
    return (progress) => power(factor, Math.floor((progress.step - 1) / everySteps));
  }
  return ({ epoch, run }) => {
    if (!run) throw noRun("schedules.step counts epochs", "schedules.step({ everySteps })");
    return power(factor, Math.floor((epoch - 1) / everyEpochs));
  };
}

export interface CosineOptions {
  /** Default 0. */
  readonly final?: number;
  /** Steps of the trainer until `final` is reached, where it stays. Default: those of each fit, which starts over. */
  readonly steps?: number | undefined;
}

/**
 * Half a cosine from 1 down to `final` (Loshchilov and Hutter, "SGDR", 2017, eq. 5): over the whole of every fit, whatever
 * came before it, or once over `steps` steps of the trainer. The schedule throws ArgumentError in `trainStep` unless it was
 * given `steps`.
 * @throws ArgumentError for options out of range
 */
export function cosine(options: CosineOptions = {}): Schedule {
  const { final, steps } = readOptions("schedules.cosine", options, {
    final: optional(numberFrom(0, 1), 0),
    steps: optional(integerFrom(1)),
  });
  const decay = (done: number): number => final + ((1 - final) * (1 + cosinePi(done))) / 2;
  if (steps !== undefined) {
    return (progress) => decay((progress.step - 1) / steps);
  }
  return ({ run }) => {
    if (!run) throw noRun("schedules.cosine follows the length of a fit", "schedules.cosine({ steps })");
    return decay((run.step - 1) / run.steps);
  };
}

function noRun(fact: string, remedy: string): ArgumentError {
  return new ArgumentError(`${fact}, and trainStep belongs to none: use ${remedy} or train by fit`);
}

/** cos(πx) for x in [0, 1], and for larger ones that of 1, by its Taylor series about ½, to within 1e-15. */
function cosinePi(x: number): number {
  const t = Math.PI * (0.5 - Math.min(x, 1));
  const square = t * t;
  let sum = 1;
  for (let n = 20; n >= 2; n -= 2) sum = 1 - (square / (n * (n + 1))) * sum;
  return t * sum;
}

import {
  ArgumentError,
  functionLike,
  numberFrom,
  optional,
  type OptionsRead,
  type Reader,
  show,
} from "../engine/index.js";
import type { MemoryRange, Emitter, Scalars } from "../graph/index.js";
import { constant, cosine, inverseSquareRoot, type Progress, type Schedule, step } from "./schedules.js";

/** A contiguous range of parameters and what belongs to it. */
export interface UpdateGroup {
  readonly weights: MemoryRange;
  readonly gradients: MemoryRange;
  /** Float32 state of the optimizer, zero at first; one buffer of `count` floats for each of `stateBuffers`. */
  readonly state: readonly MemoryRange[];
  readonly count: number;
  /** A word that update records look at: unless it is 0 then, they change nothing. 0 itself: nothing holds them back. */
  readonly guard: MemoryRange | 0;
}

/** An update rule: one record over all parameters, whose per-step scalars TypeScript writes before each run. */
export interface Optimizer {
  readonly name: string;
  /** Names of the state it keeps for each parameter, e.g. ["m", "v"]. */
  readonly stateBuffers: readonly string[];
  /** Emits the records of one update. */
  update(emit: Emitter, group: UpdateGroup): void;
  /** Writes the scalars of one step. What it throws ends the training before the step has changed anything. */
  prepare(scalars: Scalars, progress: Progress): void;
}

export interface LearningRateOptions {
  readonly learningRate: number;
  /** Factor on the learning rate by step. Default: constant. */
  readonly schedule?: Schedule | undefined;
}

/** What float32 can hold, rounded down. */
const largest = 3.4e38;
const factories: readonly unknown[] = [constant, inverseSquareRoot, step, cosine];

const scheduleOption: Reader<Schedule> = (name, given) => {
  if (factories.includes(given)) {
    const made = `optim.schedules.${(given as typeof constant).name}`;
    throw new ArgumentError(`${name} is ${made} itself: call it, ${made}()`);
  }
  return functionLike<Schedule>("optim.schedules.cosine()")(name, given);
};

/** How the options are read that all optimizers have. */
export const learningRateReaders = () => ({
  learningRate: numberFrom(0, largest),
  schedule: optional(scheduleOption, constant()),
});

/**
 * The learning rate of a step as a function of options that were read. It throws ArgumentError where the schedule gives a rate
 * that is NaN, infinite or negative.
 */
export function learningRateOf({
  learningRate,
  schedule,
}: OptionsRead<ReturnType<typeof learningRateReaders>>): (at: Progress) => number {
  return (progress) => {
    const factor: unknown = schedule(progress);
    const rate = typeof factor === "number" && factor >= 0 ? learningRate * factor : NaN;
    if (rate <= largest) return rate;
    throw new ArgumentError(
      `the scheduled learning rate must be a finite number of at least 0: for step ${progress.step} (epoch ` +
        `${progress.epoch}) the schedule gave the factor ${show(factor)} on ${learningRate}`,
    );
  };
}

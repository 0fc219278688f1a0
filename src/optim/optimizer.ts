import { ArgumentError, checkFunction, checkNumber, show } from "../engine/index.js";
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

/**
 * The learning rate of a step as a function, its options checked. Throws ArgumentError for NaN, infinite or negative ones,
 * and so does the function for what the schedule gives.
 */
export function learningRateOf({ learningRate, schedule = constant() }: LearningRateOptions): (at: Progress) => number {
  checkNumber("learningRate", learningRate, 0, largest);
  if (factories.includes(schedule)) {
    throw new ArgumentError(
      `schedule is optim.schedules.${schedule.name} itself: call it, optim.schedules.${schedule.name}()`,
    );
  }
  checkFunction("schedule", schedule, "optim.schedules.cosine()");
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

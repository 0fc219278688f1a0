import { checkNumber } from "../engine/index.js";
import type { Buffer, Emitter, Scalars } from "../graph/index.js";
import { constant, type Progress, type Schedule } from "./schedules.js";

/** A contiguous range of parameters and what belongs to it. */
export interface UpdateGroup {
  readonly weights: Buffer;
  readonly gradients: Buffer;
  /** Float32 state of the optimizer, zero at first; one buffer of `count` floats for each of `stateBuffers`. */
  readonly state: readonly Buffer[];
  readonly count: number;
}

/** An update rule: one record over all parameters, whose per-step scalars TypeScript writes before each run. */
export interface Optimizer {
  readonly name: string;
  /** Names of the state it keeps for each parameter, e.g. ["m", "v"]. */
  readonly stateBuffers: readonly string[];
  /** Emits the records of one update. */
  update(emit: Emitter, group: UpdateGroup): void;
  /** Writes the scalars of one step. */
  prepare(scalars: Scalars, progress: Progress): void;
}

export interface LearningRateOptions {
  readonly learningRate: number;
  /** Factor on the learning rate by step. Default: constant. */
  readonly schedule?: Schedule;
}

/** The learning rate of a step as a function, its options checked. Throws ArgumentError for NaN, infinite or negative. */
export function learningRateOf({ learningRate, schedule = constant() }: LearningRateOptions): (at: Progress) => number {
  checkNumber("learningRate", learningRate, 0);
  return (progress) => checkNumber("the scheduled learning rate", learningRate * schedule(progress), 0);
}

import { ArgumentError, integerFrom, optional, type Reader, show } from "../../engine/index.js";

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
  /** The loss of each epoch that a fit has ended: of its validation, or else of the epoch itself. */
  readonly losses?: readonly number[];
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

/** A function that makes schedules, which knows its name: it may be taken for a schedule by mistake. */
export function factory<F extends object>(name: string, make: F): F {
  return Object.defineProperty(make, "makes", { value: name });
}

/** What is counted in steps of the trainer, or in its epochs. */
export interface Counts<T> {
  /** In epochs of the trainer, those of earlier fits included. */
  readonly epochs?: T | undefined;
  /** Instead: in steps of the trainer. For loops over `trainStep`, which know no epochs. */
  readonly steps?: T | undefined;
}

/** How far a trainer is, from 0: in steps if `steps` is given, else in epochs. */
export function counter(
  name: string,
  { steps, epochs }: Counts<unknown>,
  optionOfSteps = "steps",
): (progress: Progress) => number {
  if (steps !== undefined && epochs !== undefined) {
    throw new ArgumentError(`schedules.${name} counts epochs or steps, not both`);
  }
  if (steps !== undefined) return ({ step }) => step - 1;
  return ({ epoch, run }) => {
    if (!run) throw noRun(`schedules.${name} counts epochs`, `schedules.${name}({ ${optionOfSteps} })`);
    return epoch - 1;
  };
}

/** Steps that are done, and all: of the trainer if there are `steps`, else of the fit. */
export function span(name: string, steps: number | undefined): (progress: Progress) => readonly [number, number] {
  if (steps !== undefined) return ({ step }) => [step - 1, steps];
  return ({ run }) => {
    if (!run) throw noRun(`schedules.${name} follows the length of a fit`, `schedules.${name}({ steps })`);
    return [run.step - 1, run.steps];
  };
}

export const stepsOption: Reader<number | undefined> = /* @__PURE__ */ optional(/* @__PURE__ */ integerFrom(1));

/** Rising integers of at least 1. */
export const milestones: Reader<readonly number[]> = (name, given) => {
  const rises = (at: unknown, i: number, all: readonly unknown[]): boolean =>
    Number.isInteger(at) && (at as number) > (i > 0 ? (all[i - 1] as number) : 0);
  if (Array.isArray(given) && given.length > 0 && given.every(rises)) return [...(given as readonly number[])];
  throw new ArgumentError(`${name} must be an array of integers of at least 1 that rise, got ${show(given)}`);
};

export function noRun(fact: string, remedy: string): ArgumentError {
  return new ArgumentError(`${fact}, and trainStep belongs to none: use ${remedy} or train by fit`);
}

/** cos(πx) for x in [0, 1], and for larger ones that of 1, by its Taylor series about ½, to within 1e-15. */
export function cosinePi(x: number): number {
  const t = Math.PI * (0.5 - Math.min(x, 1));
  const square = t * t;
  let sum = 1;
  for (let n = 20; n >= 2; n -= 2) sum = 1 - (square / (n * (n + 1))) * sum;
  return t * sum;
}

/** From `start` to `end` as half a cosine. */
export function halfCosine(start: number, end: number, done: number): number {
  return end + ((start - end) * (1 + cosinePi(done))) / 2;
}

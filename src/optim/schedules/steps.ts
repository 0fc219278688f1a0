import { ArgumentError, integerFrom, numberFrom, optional, readOptions } from "../../engine/index.js";
import { power, realPower } from "../power.js";
import { counter, type Counts, factory, milestones, type Schedule } from "./progress.js";

export interface ConstantOptions {
  /** Default 1. */
  readonly factor?: number;
}

/**
 * Always the same factor.
 * @throws ArgumentError for a factor below 0
 */
export const constant = /* @__PURE__ */ factory("constant", (options: ConstantOptions = {}): Schedule => {
  const { factor } = readOptions("schedules.constant", options, { factor: optional(numberFrom(0), 1) });
  return () => factor;
});

/** What is repeated in epochs of the trainer, or in its steps. */
export interface StepOptions {
  /** Of the trainer, those of earlier fits included. Default: 10 of `step`, 1 of `exponential`. */
  readonly everyEpochs?: number | undefined;
  /** Instead of epochs: steps of the trainer. For loops over `trainStep`, which know no epochs. */
  readonly everySteps?: number | undefined;
  /** Default 0.1. */
  readonly factor?: number;
}

/** How many times the period has passed that options give. */
function periods(name: string, options: StepOptions, usual: number): { count: Schedule; factor: number } {
  const { everyEpochs, everySteps, factor } = readOptions(`schedules.${name}`, options, {
    everyEpochs: optional(integerFrom(1)),
    everySteps: optional(integerFrom(1)),
    factor: optional(numberFrom(0), 0.1),
  });
  if (everySteps !== undefined && everyEpochs !== undefined) {
    throw new ArgumentError(`schedules.${name} takes everyEpochs or everySteps, not both`);
  }
  const count = counter(name, { steps: everySteps }, "everySteps");
  return { count: (progress) => count(progress) / (everySteps ?? everyEpochs ?? usual), factor };
}

/**
 * `factor` to the power of the number of whole `everyEpochs` (or `everySteps`) that the trainer has behind it. A further fit
 * goes on from where the last one ended. The schedule throws ArgumentError in `trainStep` unless it counts steps.
 * @throws ArgumentError for options out of range
 */
export const step = /* @__PURE__ */ factory("step", (options: StepOptions = {}): Schedule => {
  const { count, factor } = periods("step", options, 10);
  return (progress) => power(factor, Math.floor(count(progress)));
});

/**
 * `factor` to the power of the number of `everyEpochs` (or `everySteps`) that the trainer has behind it, parts of them included.
 * The schedule throws ArgumentError in `trainStep` unless it counts steps.
 * @throws ArgumentError for options out of range
 */
export const exponential = /* @__PURE__ */ factory("exponential", (options: StepOptions = {}): Schedule => {
  const { count, factor } = periods("exponential", options, 1);
  return (progress) => realPower(factor, count(progress));
});

export interface MultiStepOptions extends Counts<readonly number[]> {
  /** Default 0.1. */
  readonly factor?: number;
}

/**
 * `factor` to the power of the number of milestones, `epochs` or `steps`, that the trainer has behind it. The schedule throws
 * ArgumentError in `trainStep` unless it counts steps.
 * @throws ArgumentError for options out of range, and without milestones
 */
export const multiStep = /* @__PURE__ */ factory("multiStep", (options: MultiStepOptions): Schedule => {
  const { epochs, steps, factor } = readOptions("schedules.multiStep", options, {
    epochs: optional(milestones),
    steps: optional(milestones),
    factor: optional(numberFrom(0), 0.1),
  });
  const marks = steps ?? epochs;
  if (!marks) throw new ArgumentError("schedules.multiStep wants milestones: epochs: [30, 80], or steps");
  const count = counter("multiStep", { steps, epochs });
  return (progress) => {
    const done = count(progress);
    return power(factor, marks.filter((mark) => mark <= done).length);
  };
});

/**
 * The schedules one after another, each as if training began with it. `epochs` or `steps` say when each but the first takes over.
 * One that follows the length of a fit follows that of its part. It throws ArgumentError in `trainStep` unless it counts steps.
 * @throws ArgumentError for milestones that are not one fewer than the schedules
 */
export const sequence = /* @__PURE__ */ factory(
  "sequence",
  (schedules: readonly Schedule[], options: Counts<readonly number[]>): Schedule => {
    if (!Array.isArray(schedules) || !schedules.every((each) => typeof each === "function" && !("makes" in each))) {
      throw new ArgumentError("schedules.sequence wants an array of schedules, such as [schedules.linear(), …]");
    }
    const read = { epochs: optional(milestones), steps: optional(milestones) };
    const { epochs, steps } = readOptions("schedules.sequence", options, read);
    const marks = steps ?? epochs ?? [];
    if (marks.length !== schedules.length - 1) {
      throw new ArgumentError(
        `schedules.sequence wants one milestone fewer than schedules: for ${schedules.length} it got ${marks.length}`,
      );
    }
    const count = counter("sequence", { steps, epochs });
    const all = schedules as readonly Schedule[];
    return (progress) => {
      if (marks.length === 0) return all[0]!(progress);
      const done = count(progress);
      const part = marks.filter((mark) => mark <= done).length;
      const { run } = progress;
      const inEpoch = run ? run.steps / run.epochs : 1;
      const perMark = steps ? { steps: 1, epochs: 1 / inEpoch } : { steps: inEpoch, epochs: 1 };
      const start = marks[part - 1] ?? 0;
      // Where the run began, in the trainer's life, and where the next part takes over, in steps and epochs.
      const moved = (of: "steps" | "epochs", at: number, now: number, length: number): readonly [number, number] => {
        const before = Math.max(0, Math.floor(start * perMark[of]) - (at - now));
        const end = part < marks.length ? Math.floor(marks[part]! * perMark[of]) - (at - now) : length;
        return [now - before, Math.min(end, length) - before];
      };
      if (!run) return all[part]!({ ...progress, step: progress.step - start });
      const [step, stepsOfPart] = moved("steps", progress.step, run.step, run.steps);
      const [epoch, epochsOfPart] = moved("epochs", progress.epoch, run.epoch, run.epochs);
      return all[part]!({
        ...progress,
        step: progress.step - Math.floor(start * perMark.steps),
        epoch: progress.epoch - Math.floor(start * perMark.epochs),
        run: { step, steps: stepsOfPart, epoch, epochs: epochsOfPart },
      });
    };
  },
);

import type { Program, Scalars } from "../graph/index.js";
import type { Model } from "../layers/index.js";
import type { Optimizer, RunProgress } from "../optim/index.js";
import { describeParameters } from "./diagnosis.js";
import { heldBackError, overflowError, stepName } from "./nonFinite.js";
import type { OnNonFinite, StepGuard } from "./stepGuard.js";
import type { Update } from "./update.js";
import {
  type BatchResult,
  resultOf,
  type StepKind,
  type StepProgram,
  type StepPrograms,
  type StepResult,
} from "./stepPrograms.js";

/** A batch of a step: the only one, or one of several whose gradients are added up. */
export interface StepBatch {
  readonly kind: StepKind;
  readonly entry: StepProgram;
  /** The sample that it begins with, in the order of its kind. */
  readonly first: number;
}

/** A step of training and where it stands. */
export interface TrainingStep {
  readonly batches: readonly StepBatch[];
  readonly onNonFinite: OnNonFinite;
  /** Over the trainer's life, from 1. */
  readonly epoch: number;
  /** Undefined outside `fit`. */
  readonly run: RunProgress | undefined;
  readonly losses: readonly number[];
}

/** Runs a trainer's programs, and counts the updates that they make. */
export class Stepper {
  private made = 0;
  /** Batches of them: dropout draws anew for each. */
  private draws = 0;

  constructor(
    private readonly model: Model,
    private readonly optimizer: Optimizer,
    private readonly update: Update,
    private readonly scalars: Scalars,
    private readonly programs: StepPrograms,
    private readonly guard: StepGuard,
  ) {}

  /** Updates so far. */
  get updates(): number {
    return this.made;
  }

  /** One step of training. What it throws has changed nothing of the model and the optimizer. */
  train({ batches, onNonFinite, epoch, run, losses }: TrainingStep): StepResult {
    const { model, scalars, programs, update } = this;
    const step = this.made + 1;
    update.prepare({ step, epoch, run, losses });
    const all = batches.reduce((sum, { kind }) => sum + kind.samples, 0);
    let last = batches[0]!;
    let draws = this.draws;
    let loss = 0;
    const results: BatchResult[] = [];
    const isMade = this.guard.during(() => {
      for (last of batches) {
        const part = last.kind.samples / all;
        update.setShare(part);
        scalars.setInteger("dropoutStep", ++draws);
        this.runFrom(last.first, last.entry.program);
        const result = resultOf(last.entry);
        results.push(result);
        loss += batches.length > 1 ? result.loss * part : result.loss;
        if (!this.guard.isLowered) return;
      }
    });
    const counts = {
      correct: total(results.map(({ correct }) => correct)),
      counted: total(results.map(({ counted }) => counted)),
    };
    if (isMade) {
      this.made = step;
      this.draws = draws;
      return { loss, ...counts, skipped: false };
    }
    // Parameters that are not finite make all batches so: there is nothing to skip to.
    if (onNonFinite === "skip" && describeParameters(model) === undefined)
      return { loss: NaN, ...counts, skipped: true };
    const { kind, first, entry } = last;
    throw heldBackError({
      ...{ model, scalars, loss: resultOf(entry).loss, updates: this.made },
      samples: kind.data.samplesOf(kind.order, first, kind.samples),
      name: stepName(step, run),
      trace: (graph) => programs.trace(graph, kind),
      gather: (traced) => programs.gather(kind, traced),
      run: (program) => this.runFrom(first, program),
    });
  }

  /**
   * Runs a program on the samples from `first` on. At all other times the cursor stands at 0, so that a program that a
   * caller runs finds the samples that it was made for.
   */
  runFrom(first: number, program: Program): void {
    this.scalars.setInteger("cursor", first);
    try {
      program.run();
    } finally {
      this.scalars.setInteger("cursor", 0);
    }
  }

  /** Throws NonFiniteError if an update has overflowed, which finite gradients do not rule out. */
  checkState(onNonFinite: OnNonFinite, epoch: number): void {
    if (onNonFinite === "continue" || this.guard.isStateFinite()) return;
    throw overflowError(`epoch ${epoch}`, this.model, this.optimizer.name);
  }
}

/** The sum of what the batches of a step have; undefined where they have none. */
function total(counts: readonly (number | undefined)[]): number | undefined {
  return counts.reduce((sum, count) => (sum === undefined || count === undefined ? undefined : sum + count), 0);
}

export interface StepReport {
  /** Of this run, from 1. */
  readonly epoch: number;
  /** Within the epoch, from 1. */
  readonly step: number;
  /** Steps of an epoch. */
  readonly steps: number;
  /** Of this batch, before the update; NaN if the step was skipped. */
  readonly loss: number;
  /** Mean over the epoch so far; undefined for losses without classes. */
  readonly accuracy: number | undefined;
  /** Steps of the epoch so far, this one included, that were skipped because they were not finite. */
  readonly skipped: number;
  readonly samplesPerSecond: number;
}

export interface Evaluation {
  readonly loss: number;
  /** Fraction of labels, ignored ones left out, at whose place the output is largest; undefined for losses without classes. */
  readonly accuracy: number | undefined;
}

export interface EpochReport extends Evaluation {
  /** Of this run, from 1. */
  readonly epoch: number;
  readonly validation: Evaluation | undefined;
  /** Steps that were skipped because they were not finite: loss and accuracy are means over the others. */
  readonly skipped: number;
  /** Of training alone: validation, the gate, and what else the event loop did meanwhile do not count. */
  readonly samplesPerSecond: number;
  /** Of training alone, too. */
  readonly seconds: number;
}

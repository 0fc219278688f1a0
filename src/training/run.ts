import type { EpochReport } from "./reports.js";

/** What a run and the training that it drives tell each other. */
export class RunControl {
  readonly history: EpochReport[] = [];
  private readonly loops = new Set<ReportLoop>();
  private waiting: (() => void)[] = [];
  private abandon: (() => void) | undefined;
  private stopRequested = false;
  private over = false;

  /** Whether training must end before its next step. */
  get isStopping(): boolean {
    return this.stopRequested;
  }

  /** Whether training has ended. */
  get isOver(): boolean {
    return this.over;
  }

  /** Whether training must stand still: the body of a loop works on a report, or has not seen the latest yet. */
  get isHeld(): boolean {
    for (const loop of this.loops) if (loop.isAtWork) return true;
    return false;
  }

  /** Resolves when anything here changes. */
  async change(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Waits for `work`, but no longer than until training is to stop. Rejects as it does. */
  async unlessStopped(work: PromiseLike<void>): Promise<void> {
    if (this.isStopping) return;
    await new Promise<void>((resolve, reject) => {
      this.abandon = resolve;
      Promise.resolve(work).then(resolve, reject);
    });
  }

  publish(report: EpochReport): void {
    this.history.push(report);
    this.changed();
  }

  stop(): void {
    this.stopRequested = true;
    this.abandon?.();
    this.changed();
  }

  end(): void {
    this.over = true;
    this.changed();
  }

  attach(loop: ReportLoop): void {
    this.loops.add(loop);
  }

  detach(loop: ReportLoop): void {
    this.loops.delete(loop);
    this.changed();
  }

  /** Wakes whoever waits. */
  changed(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }
}

/** One `for await` over the reports of a run, from the first on. */
export class ReportLoop implements AsyncIterableIterator<EpochReport, undefined> {
  private taken = 0;
  private waiting = 0;
  private isAttached = false;
  private isLeft = false;

  /** @param result of the run; rejects with what ended it */
  constructor(
    private readonly control: RunControl,
    private readonly result: Promise<unknown>,
  ) {}

  /** Whether the body of the loop has a report in hand or one to come, rather than waiting for the next epoch. */
  get isAtWork(): boolean {
    return this.waiting === 0 || this.taken < this.control.history.length;
  }

  async next(): Promise<IteratorResult<EpochReport, undefined>> {
    const { control } = this;
    if (this.isLeft) return { value: undefined, done: true };
    this.attach();
    this.waiting++;
    control.changed();
    while (this.taken === control.history.length && !control.isOver) await control.change();
    this.waiting--;
    const value = control.history[this.taken];
    if (value) {
      this.taken++;
      return { value, done: false };
    }
    return this.leave();
  }

  /** The loop is left: so ends the training. */
  async return(): Promise<IteratorResult<EpochReport, undefined>> {
    this.attach();
    this.control.stop();
    return this.leave();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private attach(): void {
    if (this.isAttached) return;
    this.isAttached = true;
    this.control.attach(this);
    // From now on this loop throws what ends the run, so that it is not unhandled.
    this.result.catch(() => undefined);
  }

  private async leave(): Promise<IteratorResult<EpochReport, undefined>> {
    this.isLeft = true;
    this.control.detach(this);
    await this.result;
    return { value: undefined, done: true };
  }
}

/**
 * A training under way, as `Trainer.fit` starts it. Its first step comes once the caller's synchronous code is done.
 *
 * - `await run` waits for its end and gives the reports of all epochs.
 * - `for await (const report of run)` gives each report as its epoch ends. Training stands still while the body of the loop
 *   works on it; leaving the loop stops the training before its next step. A loop that comes late starts with the first
 *   report all the same.
 *
 * Both may be had at once, and several times; but within the body of its loop a run cannot be awaited unless it was stopped.
 * An async function that returns a run waits for it, as for any promise. What ends the training with an error, wrong arguments included, rejects
 * the run and is thrown by its loops; if there is neither, it is an unhandled rejection. Once the run has settled, or its
 * loop was left, the trainer can train again.
 */
export class TrainingRun implements Promise<readonly EpochReport[]>, AsyncIterable<EpochReport> {
  readonly [Symbol.toStringTag] = "TrainingRun";
  private readonly control = new RunControl();
  private readonly result: Promise<readonly EpochReport[]>;

  /** @param train checks what it was given, then trains and yields a report for each epoch */
  constructor(train: (control: RunControl) => AsyncIterable<EpochReport>) {
    this.result = this.drive(train);
  }

  /** Reports of the epochs so far. */
  get history(): readonly EpochReport[] {
    return [...this.control.history];
  }

  /**
   * Ends the training before its next step; an epoch that is cut short has no report.
   * @returns what the run resolves to: the reports so far
   */
  stop(): Promise<readonly EpochReport[]> {
    this.control.stop();
    return this.result;
  }

  then<Result = readonly EpochReport[], Failure = never>(
    onFulfilled?: ((history: readonly EpochReport[]) => Result | PromiseLike<Result>) | null,
    onRejected?: ((reason: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<Result | Failure> {
    return this.result.then(onFulfilled, onRejected);
  }

  catch<Failure = never>(
    onRejected?: ((reason: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<readonly EpochReport[] | Failure> {
    return this.result.catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<readonly EpochReport[]> {
    return this.result.finally(onFinally);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<EpochReport, undefined> {
    return new ReportLoop(this.control, this.result);
  }

  private async drive(train: (control: RunControl) => AsyncIterable<EpochReport>): Promise<readonly EpochReport[]> {
    const { control } = this;
    try {
      const reports = train(control);
      await Promise.resolve();
      for await (const report of reports) control.publish(report);
      return [...control.history];
    } finally {
      control.end();
    }
  }
}

import type { BatchResult } from "./stepPrograms.js";

/** Sums of losses and right predictions over samples, and the time they took. */
export class Meter {
  private start = performance.now();
  private samples = 0;
  /** What the losses of batches count by: how many of their labels do, or samples. */
  private counted = 0;
  /** Batches that were left out. */
  skipped = 0;
  private lossSum = 0;
  private correctSum: number | undefined;

  /** Adds a batch of `samples`. */
  add(samples: number, { loss, correct, counted = samples }: BatchResult): void {
    this.samples += samples;
    this.counted += counted;
    // The mean over no labels is NaN.
    if (counted > 0) this.lossSum += loss * counted;
    if (correct !== undefined) this.correctSum = (this.correctSum ?? 0) + correct;
  }

  /** Counts a batch that was left out. */
  skip(): void {
    this.skipped++;
  }

  /** Leaves out of the time what `wait` takes. */
  async leaveOut(wait: Promise<void>): Promise<void> {
    const since = performance.now();
    await wait;
    this.start += performance.now() - since;
  }

  get loss(): number {
    return this.lossSum / this.counted;
  }

  get accuracy(): number | undefined {
    return this.correctSum === undefined ? undefined : this.correctSum / this.counted;
  }

  get samplesPerSecond(): number {
    return this.stop().samplesPerSecond;
  }

  stop(): { seconds: number; samplesPerSecond: number } {
    const seconds = (performance.now() - this.start) / 1000;
    return { seconds, samplesPerSecond: this.samples / seconds };
  }
}

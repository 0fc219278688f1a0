/** Sums of losses and right predictions over samples, and the time they took. */
export class Meter {
  private readonly start = performance.now();
  private samples = 0;
  private lossSum = 0;
  private correctSum: number | undefined;

  /** Adds a batch of `samples` with mean loss `loss`. */
  add(samples: number, loss: number, correct: number | undefined): void {
    this.samples += samples;
    this.lossSum += loss * samples;
    if (correct !== undefined) this.correctSum = (this.correctSum ?? 0) + correct;
  }

  get loss(): number {
    return this.lossSum / this.samples;
  }

  get accuracy(): number | undefined {
    return this.correctSum === undefined ? undefined : this.correctSum / this.samples;
  }

  get samplesPerSecond(): number {
    return this.stop().samplesPerSecond;
  }

  stop(): { seconds: number; samplesPerSecond: number } {
    const seconds = (performance.now() - this.start) / 1000;
    return { seconds, samplesPerSecond: this.samples / seconds };
  }
}

const breathMilliseconds = 30;

/** Lets the host's event loop turn now and then, so that timers, input and rendering go on while a trainer works. */
export class Breath {
  private last = performance.now();

  /** Waits for one turn of the event loop if none was had for a while. */
  async take(): Promise<void> {
    if (performance.now() - this.last < breathMilliseconds) return;
    await new Promise<void>((resolve) => {
      if (typeof setImmediate === "function") setImmediate(resolve);
      else if (typeof MessageChannel === "undefined") setTimeout(resolve, 0);
      else {
        // Not a timer: browsers stretch nested ones to 4 ms.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          port1.close();
          resolve();
        };
        port2.postMessage(undefined);
      }
    });
    this.last = performance.now();
  }
}

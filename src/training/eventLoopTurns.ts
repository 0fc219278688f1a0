/** Lets the host's event loop turn now and then, so that timers, input and rendering go on while a trainer works. */
export class EventLoopTurns {
  /** The first turn is always due: only when the event loop turns can a host tell what was dropped before. */
  private last = -Infinity;

  /** @param milliseconds how long the event loop may stand still */
  constructor(private readonly milliseconds = 30) {}

  /** Whether the event loop has stood still for long enough. */
  get isDue(): boolean {
    return performance.now() - this.last >= this.milliseconds;
  }

  /** Waits for one turn of the event loop if it is due. */
  async take(): Promise<void> {
    if (!this.isDue) return;
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

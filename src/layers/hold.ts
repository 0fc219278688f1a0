/** Says that something must stay as it is for a while, and lets others wait until it may change. */
export class Hold {
  private holders = 0;
  private waiting: (() => void)[] = [];

  get isHeld(): boolean {
    return this.holders > 0;
  }

  /** Holds while `work` is under way. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.holders++;
    try {
      return await work();
    } finally {
      this.holders--;
      if (!this.isHeld) for (const wake of this.waiting.splice(0)) wake();
    }
  }

  /** Resolves when nobody holds. */
  async released(): Promise<void> {
    while (this.isHeld) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}

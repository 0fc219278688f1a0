/** Something that can give memory back and make its contents anew when they are needed. */
export interface Reclaimable {
  /** When what it would give back first was last used; undefined if it has nothing. */
  readonly leastRecentUse: number | undefined;
  /** Gives that back. */
  reclaim(): void;
}

/** The caches of an engine, by which memory can be found when it runs out. They are not kept alive. */
export class Caches {
  private readonly caches = new Set<WeakRef<Reclaimable>>();
  // Whoever looks at what a WeakRef refers to keeps it alive for this turn of the event loop: only `reclaim` may.
  private readonly collected = new FinalizationRegistry<WeakRef<Reclaimable>>((cache) => this.caches.delete(cache));
  private uses = 0;

  /** The time of a use: larger than of all before. */
  tick(): number {
    return ++this.uses;
  }

  add(cache: Reclaimable): void {
    const reference = new WeakRef(cache);
    this.caches.add(reference);
    this.collected.register(cache, reference);
  }

  /** Has things given back, one at each step, roughly in the order of their last use, until none is left. */
  *reclaim(): Generator<unknown, void> {
    for (;;) {
      const found: { readonly cache: Reclaimable; readonly use: number }[] = [];
      for (const reference of this.caches) {
        const cache = reference.deref();
        const use = cache?.leastRecentUse;
        if (cache && use !== undefined) found.push({ cache, use });
      }
      if (found.length === 0) return;
      found.sort((a, b) => a.use - b.use);
      for (const { cache } of found) {
        cache.reclaim();
        yield;
      }
    }
  }
}

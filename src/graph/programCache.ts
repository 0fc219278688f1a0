import type { Engine, Reclaimable } from "../engine/index.js";
import type { Program } from "./program.js";

interface Entry<P> {
  readonly contents: P;
  lastUse: number;
}

/**
 * Programs by key, at most `capacity` of them: the least recently used one is disposed to make room, and when the engine
 * runs out of memory.
 */
export class ProgramCache<P extends { readonly program: Program }> implements Reclaimable {
  /** Keys of programs that are never disposed to make room. */
  readonly kept = new Set<string>();
  private readonly entries = new Map<string, Entry<P>>();
  private isKnown = false;

  constructor(
    private readonly engine: Engine,
    private readonly capacity = 16,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  get leastRecentUse(): number | undefined {
    return this.oldest?.[1].lastUse;
  }

  /** The program for `key`, compiled on first use. */
  get(key: string, compile: () => P): P {
    let entry = this.entries.get(key);
    if (entry) this.entries.delete(key);
    if (!entry || entry.contents.program.isDisposed) {
      if (this.entries.size >= this.capacity) this.reclaim();
      entry = { contents: compile(), lastUse: 0 };
      // So late that models which never compile a program leave no trace in the engine.
      if (!this.isKnown) this.engine.caches.add(this);
      this.isKnown = true;
    }
    entry.lastUse = this.engine.caches.tick();
    this.entries.set(key, entry);
    return entry.contents;
  }

  reclaim(): void {
    const { oldest } = this;
    if (oldest) this.dispose(...oldest);
  }

  /** Disposes all programs. */
  clear(): void {
    for (const [key, entry] of this.entries) this.dispose(key, entry);
  }

  private dispose(key: string, { contents }: Entry<P>): void {
    contents.program.linked.dispose();
    this.entries.delete(key);
  }

  /** The least recently used one that is not kept. */
  private get oldest(): [string, Entry<P>] | undefined {
    for (const found of this.entries) if (!this.kept.has(found[0])) return found;
    return undefined;
  }
}

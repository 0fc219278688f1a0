import type { Program } from "./program.js";

/** Programs by key, at most `capacity` of them: the least recently used one is released to make room. */
export class ProgramCache<P extends { readonly program: Program }> {
  /** Keys of programs that are never released to make room. */
  readonly kept = new Set<string>();
  private readonly programs = new Map<string, P>();

  constructor(private readonly capacity = 16) {}

  get size(): number {
    return this.programs.size;
  }

  /** The program for `key`, compiled on first use. */
  get(key: string, compile: () => P): P {
    let entry = this.programs.get(key);
    if (entry) this.programs.delete(key);
    else {
      if (this.programs.size >= this.capacity) this.makeRoom();
      entry = compile();
    }
    this.programs.set(key, entry);
    return entry;
  }

  private makeRoom(): void {
    for (const [key, { program }] of this.programs) {
      if (this.kept.has(key)) continue;
      this.programs.delete(key);
      return program.release();
    }
  }
}

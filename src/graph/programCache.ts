import type { Program } from "./program.js";

/** Programs by key, at most `capacity` of them: the least recently used one is released to make room. */
export class ProgramCache<P extends { readonly program: Program }> {
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
      const [oldest] = this.programs;
      if (oldest && this.programs.size >= this.capacity) {
        this.programs.delete(oldest[0]);
        oldest[1].program.release();
      }
      entry = compile();
    }
    this.programs.set(key, entry);
    return entry;
  }
}

import type { Block, LinearMemory } from "./memory.js";
import type { LinkedProgram } from "./program.js";

/**
 * The one block of activations that all programs of an engine share, sized to the largest plan. Programs run one at a
 * time, so what one leaves there the next overwrites. When it must grow it moves, and the programs are linked anew.
 */
export class Arena {
  readonly block: Block = { address: 0, bytes: 0, label: "activations" };
  private readonly programs = new Set<WeakRef<LinkedProgram>>();

  constructor(private readonly memory: LinearMemory) {}

  get bytes(): number {
    return this.block.bytes;
  }

  /** Makes room for a plan of `bytes`. Throws MemoryError, leaving the arena as it was in size. */
  reserve(bytes: number): void {
    if (bytes <= this.block.bytes) return;
    const previousBytes = this.block.bytes;
    if (previousBytes > 0) this.memory.release({ ...this.block });
    try {
      Object.assign(this.block, this.memory.allocate(bytes, this.block.label));
    } catch (error) {
      if (previousBytes > 0) Object.assign(this.block, this.memory.allocate(previousBytes, this.block.label));
      throw error;
    } finally {
      this.relink();
    }
  }

  /** Registers a program to be linked anew when the arena moves. */
  add(program: LinkedProgram): void {
    this.programs.add(new WeakRef(program));
  }

  private relink(): void {
    for (const reference of this.programs) {
      const program = reference.deref();
      if (program && !program.isReleased) program.link();
      else this.programs.delete(reference);
    }
  }
}

import type { Block } from "./allocator.js";
import type { LinearMemory } from "./memory.js";

/**
 * The one block of activations that all programs of an engine share, as large as the largest plan of those that live.
 * Programs run one at a time, so what one leaves there the next overwrites. When it must grow it moves, and programs are
 * linked anew before they run again.
 */
export class Arena {
  readonly block: Block = { address: 0, bytes: 0, label: "activations", owner: "activations" };
  /** Changes when the arena has moved. */
  generation = 0;
  /** How many programs need so many bytes. */
  private readonly needs = new Map<number, number>();

  constructor(private readonly memory: LinearMemory) {}

  get bytes(): number {
    return this.block.bytes;
  }

  /** Makes room for a plan of `bytes`, until `remove`. Throws MemoryError, leaving the arena as it was in size. */
  add(bytes: number): void {
    this.reserve(bytes);
    this.needs.set(bytes, (this.needs.get(bytes) ?? 0) + 1);
  }

  /** A program with a plan of `bytes` is gone. */
  remove(bytes: number): void {
    const others = (this.needs.get(bytes) ?? 0) - 1;
    if (others > 0) this.needs.set(bytes, others);
    else this.needs.delete(bytes);
  }

  /** Gives back what no program needs. */
  trim(): void {
    let most = 0;
    for (const bytes of this.needs.keys()) most = Math.max(most, bytes);
    this.memory.shrink(this.block, most);
  }

  private reserve(bytes: number): void {
    const { memory, block } = this;
    if (bytes <= block.bytes) return;
    memory.checkFits(bytes, block.label);
    const previousBytes = block.bytes;
    memory.shrink(block, 0);
    this.generation++;
    try {
      this.move(bytes);
    } catch (error) {
      if (previousBytes > 0) this.move(previousBytes);
      throw error;
    }
  }

  private move(bytes: number): void {
    const { address, bytes: size } = this.memory.allocate(bytes, this.block.label, this.block.owner, false);
    Object.assign(this.block, { address, bytes: size });
  }
}

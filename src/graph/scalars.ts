import { type Block, type Engine, StateError } from "../engine/index.js";
import { Buffer } from "./buffer.js";

const slotBytes = 4;
const slots = 64;

/**
 * The per-step scalars of a program in one small block: learning rate, bias corrections, dropout counter. TypeScript
 * writes them before a run; kernels read them through pointers. The same name is always the same slot.
 */
export class Scalars {
  private readonly block: Block;
  private readonly indices = new Map<string, number>();

  constructor(private readonly engine: Engine) {
    this.block = engine.memory.allocateFor(this, slots * slotBytes, "per-step scalars");
  }

  /** The slot called `name`, for the field of a record. */
  slot(name: string): Buffer {
    return Buffer.at(this.block, this.index(name) * slotBytes, slotBytes, name);
  }

  /** Writes a float32. */
  set(name: string, value: number): void {
    this.engine.memory.f32(this.block.address, slots)[this.index(name)] = value;
  }

  /** Writes an unsigned 32-bit integer. */
  setInteger(name: string, value: number): void {
    this.engine.memory.u32(this.block.address, slots)[this.index(name)] = value;
  }

  /** The unsigned 32-bit integer that records left in a slot. */
  getInteger(name: string): number {
    return this.engine.memory.u32(this.block.address, slots)[this.index(name)] ?? 0;
  }

  release(): void {
    this.engine.memory.release(this.block);
  }

  private index(name: string): number {
    let index = this.indices.get(name);
    if (index === undefined) {
      index = this.indices.size;
      if (index >= slots) throw new StateError(`more than ${slots} scalars: ${name} has no slot left`);
      this.indices.set(name, index);
    }
    return index;
  }
}

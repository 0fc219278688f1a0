import {
  ArgumentError,
  checkInteger,
  checkText,
  type Engine,
  type Holding,
  show,
  StateError,
} from "../engine/index.js";
import { MemoryRange } from "./memoryRange.js";

const slotBytes = 4;
/** Enough for a program; a trainer knows how many its optimizer has. */
const usualSlots = 64;
const label = "per-step scalars";

/**
 * The per-step scalars of a program in one small buffer: learning rate, bias corrections, dropout counter. TypeScript
 * writes them before a run; kernels read them through pointers. The same name is always the same slot.
 */
export class Scalars {
  private readonly indices = new Map<string, number>();

  /** @param buffer where they lie. Default: in memory of the first program that is compiled with them */
  constructor(
    private readonly engine: Engine,
    readonly buffer = MemoryRange.planned(usualSlots * slotBytes, label),
  ) {}

  /** Scalars that several programs share, in memory of `holding`. @internal */
  static of(engine: Engine, holding: Holding, slots = usualSlots): Scalars {
    const block = holding.allocate(slots * slotBytes, label);
    return new Scalars(engine, MemoryRange.at(block, 0, slots * slotBytes, label, holding));
  }

  /** The slot called `name`, for the field of a record. @internal */
  slot(name: string): MemoryRange {
    return this.buffer.view(this.index(name) * slotBytes, slotBytes);
  }

  /**
   * Writes a float32. Throws ArgumentError for what is no number, StateError if the memory was disposed, and while the engine
   * executes a program.
   */
  set(name: string, value: number): void {
    if (typeof value !== "number") throw new ArgumentError(`${name} must be a number, got ${show(value)}`);
    this.engine.memory.writable().f32(this.address, this.slots)[this.index(name)] = value;
  }

  /** Writes an unsigned 32-bit integer. Throws as `set` does. */
  setInteger(name: string, value: number): void {
    checkInteger(name, value, 0, 2 ** 32 - 1);
    this.engine.memory.writable().u32(this.address, this.slots)[this.index(name)] = value;
  }

  /** The unsigned 32-bit integer that records left in a slot. @internal */
  getInteger(name: string): number {
    return this.engine.memory.u32(this.address, this.slots)[this.index(name)] ?? 0;
  }

  private get slots(): number {
    return this.buffer.bytes / slotBytes;
  }

  private get address(): number {
    this.buffer.holding?.check();
    return this.buffer.address;
  }

  private index(name: string): number {
    checkText("the name of a scalar", name);
    let index = this.indices.get(name);
    if (index === undefined) {
      index = this.indices.size;
      if (index >= this.slots) throw new StateError(`more than ${this.slots} scalars: ${name} has no slot left`);
      this.indices.set(name, index);
    }
    return index;
  }
}

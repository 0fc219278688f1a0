import { alignUp, type Block, type Holding, type Placed, StateError } from "../engine/index.js";

/**
 * Memory that kernel records refer to. A buffer is placed either in a block that lives on (parameters, data sets), or by
 * the planner at an offset of the activation arena; a view shares the placement of its root.
 */
export class MemoryRange implements Placed {
  private region: Block | undefined;
  private offset = 0;
  /** Kept here, not in the block: memory lives on for as long as something that refers to it. */
  private owner: Holding | undefined;

  private constructor(
    readonly bytes: number,
    readonly label: string,
    private readonly parent: MemoryRange | undefined,
    private readonly parentOffset: number,
  ) {}

  /** A buffer that the planner will place in the arena. @internal */
  static planned(bytes: number, label: string): MemoryRange {
    return new MemoryRange(bytes, label, undefined, 0);
  }

  /** A buffer at a fixed place of a block. @internal */
  static at(block: Block, offset: number, bytes: number, label: string, holding?: Holding): MemoryRange {
    const buffer = new MemoryRange(bytes, label, undefined, 0);
    buffer.place(block, offset, holding);
    return buffer;
  }

  /** Places buffers one after another in a block of `holding`, and returns the bytes that it must have. @internal */
  static placeAll(buffers: Iterable<MemoryRange>, block: Block, holding: Holding): number {
    let offset = 0;
    for (const buffer of buffers) {
      buffer.place(block, offset, holding);
      offset += alignUp(buffer.bytes);
    }
    return offset;
  }

  /** The part of this buffer that begins at `offset`. @internal */
  view(offset: number, bytes = this.bytes - offset): MemoryRange {
    return new MemoryRange(bytes, this.label, this, offset);
  }

  /** The buffer whose memory this one is part of. @internal */
  get root(): MemoryRange {
    return this.parent ? this.parent.root : this;
  }

  /** @internal */
  get isPlaced(): boolean {
    return this.root.region !== undefined;
  }

  /** Present address in linear memory. Throws StateError before the planner has placed the buffer. */
  get address(): number {
    if (this.parent) return this.parent.address + this.parentOffset;
    if (!this.region) throw new StateError(`buffer ${this.label} has no memory yet`);
    return this.region.address + this.offset;
  }

  /** Whose memory it is; undefined in the arena. @internal */
  get holding(): Holding | undefined {
    return this.root.owner;
  }

  /** @internal */
  place(region: Block, offset: number, holding?: Holding): void {
    this.region = region;
    this.offset = offset;
    this.owner = holding;
  }
}

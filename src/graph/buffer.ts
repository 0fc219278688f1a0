import { type Block, type Placed, StateError } from "../engine/index.js";

/**
 * Memory that kernel records refer to. A buffer is placed either in a block that lives on (parameters, data sets), or by
 * the planner at an offset of the activation arena; a view shares the placement of its root.
 */
export class Buffer implements Placed {
  private region: Block | undefined;
  private offset = 0;

  private constructor(
    readonly bytes: number,
    readonly label: string,
    private readonly parent: Buffer | undefined,
    private readonly parentOffset: number,
  ) {}

  /** A buffer that the planner will place in the arena. */
  static planned(bytes: number, label: string): Buffer {
    return new Buffer(bytes, label, undefined, 0);
  }

  /** A buffer at a fixed place of a block. */
  static at(block: Block, offset: number, bytes: number, label: string): Buffer {
    const buffer = new Buffer(bytes, label, undefined, 0);
    buffer.place(block, offset);
    return buffer;
  }

  /** The part of this buffer that begins at `offset`. */
  view(offset: number, bytes = this.bytes - offset): Buffer {
    return new Buffer(bytes, this.label, this, offset);
  }

  /** The buffer whose memory this one is part of. */
  get root(): Buffer {
    return this.parent ? this.parent.root : this;
  }

  get isPlaced(): boolean {
    return this.root.region !== undefined;
  }

  /** Present address in linear memory. Throws StateError before the planner has placed the buffer. */
  get address(): number {
    if (this.parent) return this.parent.address + this.parentOffset;
    if (!this.region) throw new StateError(`buffer ${this.label} has no memory yet`);
    return this.region.address + this.offset;
  }

  place(region: Block, offset: number): void {
    this.region = region;
    this.offset = offset;
  }
}

import { MemoryError } from "./errors.js";

/** Bytes of one page of WebAssembly memory. */
export const pageBytes = 65536;
/** Every block starts on a cache line, so kernels may use aligned vector accesses and threads do not share lines. */
export const blockAlignment = 64;

/** A range of linear memory. `address` changes only for blocks whose owner moves them (the activation arena). */
export interface Block {
  address: number;
  bytes: number;
  readonly label: string;
}

export function alignUp(bytes: number, alignment = blockAlignment): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/**
 * Linear memory with a first-fit allocator of 64-byte aligned blocks. Free ranges are kept sorted by address and joined.
 * Views are derived on every access, since growing the memory detaches (or, when shared, outgrows) earlier ones.
 */
export class LinearMemory {
  /** Number of times the memory was grown; constant during training. */
  growCount = 0;
  private readonly free: { address: number; bytes: number }[] = [];
  private end: number;
  /** Where memory begins that no block ever held: it is zero. */
  private untouched: number;
  private readonly owners = new FinalizationRegistry<Block>((block) => this.release(block));

  constructor(
    readonly memory: WebAssembly.Memory,
    heapBase: number,
    readonly maximumBytes: number,
  ) {
    this.end = alignUp(heapBase);
    this.untouched = this.end;
  }

  /** Bytes of linear memory, used or not. */
  get byteLength(): number {
    return this.memory.buffer.byteLength;
  }

  /** Bytes held by live blocks. */
  get allocatedBytes(): number {
    return this.end - this.free.reduce((sum, range) => sum + range.bytes, 0);
  }

  /** A zeroed block. Throws MemoryError when it does not fit below the limit. */
  allocate(bytes: number, label: string): Block {
    const size = Math.max(alignUp(bytes), blockAlignment);
    const index = this.free.findIndex((range) => range.bytes >= size);
    let address: number;
    const range = this.free[index];
    if (range) {
      address = range.address;
      range.address += size;
      range.bytes -= size;
      if (range.bytes === 0) this.free.splice(index, 1);
    } else {
      address = this.end;
      this.growTo(address + size, size, label);
      this.end = address + size;
    }
    this.u8(address, Math.max(0, Math.min(size, this.untouched - address))).fill(0);
    this.untouched = Math.max(this.untouched, address + size);
    return { address, bytes: size, label };
  }

  /** A zeroed block that is given back when `owner` is garbage-collected, unless it was released before. */
  allocateFor(owner: object, bytes: number, label: string): Block {
    const block = this.allocate(bytes, label);
    this.owners.register(owner, block, block);
    return block;
  }

  /** Gives a block back. Its address must not be used afterwards. */
  release(block: Block): void {
    this.owners.unregister(block);
    let index = this.free.findIndex((range) => range.address > block.address);
    if (index < 0) index = this.free.length;
    this.free.splice(index, 0, { address: block.address, bytes: block.bytes });
    for (const at of [index, index - 1]) {
      const left = this.free[at];
      const right = this.free[at + 1];
      if (left && right && left.address + left.bytes === right.address) {
        left.bytes += right.bytes;
        this.free.splice(at + 1, 1);
      }
    }
    const last = this.free[this.free.length - 1];
    if (last && last.address + last.bytes === this.end) {
      this.end = last.address;
      this.free.pop();
    }
  }

  u8(address: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.memory.buffer, address, length);
  }
  i32(address: number, length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.memory.buffer, address, length);
  }
  u32(address: number, length: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.memory.buffer, address, length);
  }
  f32(address: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.memory.buffer, address, length);
  }
  dataView(address: number, bytes: number): DataView {
    return new DataView(this.memory.buffer, address, bytes);
  }

  private growTo(bytes: number, wanted: number, label: string): void {
    if (bytes <= this.byteLength) return;
    const refuse = (cause?: unknown): never => {
      throw new MemoryError(
        `cannot allocate ${wanted} bytes for ${label}: ${this.allocatedBytes} bytes are in use and linear memory ends ` +
          `at ${this.maximumBytes}; use a smaller batch or data set`,
        { cause },
      );
    };
    if (bytes > this.maximumBytes) refuse();
    try {
      this.memory.grow(Math.ceil((bytes - this.byteLength) / pageBytes));
    } catch (error) {
      refuse(error);
    }
    this.growCount++;
  }
}

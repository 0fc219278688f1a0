import { alignUp, type Allocator, type Block, blockAlignment } from "./allocator.js";
import { MemoryError, StateError } from "./errors.js";
import { FreeRanges } from "./freeRanges.js";
import { Holding, Holdings } from "./holding.js";

/** Bytes of one page of WebAssembly memory. */
export const pageBytes = 65536;

/**
 * Linear memory with a first-fit allocator of 64-byte aligned blocks.
 * Views are derived on every access, since growing the memory detaches (or, when shared, outgrows) earlier ones.
 */
export class LinearMemory implements Allocator {
  /** Number of times the memory was grown; constant during training. @internal */
  growCount = 0;
  /** Set by the engine while it executes a program: what the kernels read must stay as it is. @internal */
  isRunning = false;
  /** Set by the engine: gives memory back that can be made anew, in steps, when there is no other left. @internal */
  relief: () => Iterable<unknown> = () => [];
  private isClosed = false;
  private readonly free = new FreeRanges();
  private readonly holdings: Holdings = new Holdings(this);
  private readonly heldBy = new Map<string, number>();
  private readonly start: number;
  private end: number;
  private used = 0;
  /** What the host threw when it refused to grow memory. */
  private growError: unknown;
  /** Where memory begins that no block ever held: it is zero. */
  private untouched: number;

  constructor(
    readonly memory: WebAssembly.Memory,
    heapBase: number,
    readonly maximumBytes: number,
  ) {
    this.start = alignUp(heapBase);
    this.end = this.start;
    this.untouched = this.start;
  }

  /** Bytes of linear memory, used or not. */
  get byteLength(): number {
    return this.memory.buffer.byteLength;
  }

  /** Bytes held by live blocks. */
  get allocatedBytes(): number {
    return this.start + this.used;
  }

  /** A holding for an owner of the kind `owner`: "model", "trainer". @internal */
  hold(owner: string): Holding {
    return new Holding(this, this.holdings, owner);
  }

  /**
   * A zeroed block; with `isZeroed` false, of any contents. What nobody needs any more, or can be made anew, is given back
   * if there is no other room.
   * @throws MemoryError when it does not fit below the limit
   * @throws StateError while a program is executed, and once the engine is closed
   * @internal
   */
  allocate(bytes: number, label: string, owner = "others", isZeroed = true): Block {
    this.writable();
    const size = Math.max(alignUp(bytes), blockAlignment);
    const address = this.place(size, label);
    if (isZeroed) this.u8(address, Math.max(0, Math.min(size, this.untouched - address))).fill(0);
    this.untouched = Math.max(this.untouched, address + size);
    this.account(owner, size);
    return { address, bytes: size, label, owner };
  }

  /** Gives a block back. Its address must not be used afterwards. Throws StateError while a program is executed. @internal */
  release(block: Block): void {
    this.checkIdle();
    this.giveBack(block, block.address, block.bytes);
  }

  /** Gives back what lies behind the first `bytes` of a block, which keeps its address; of 0 bytes, all of it. @internal */
  shrink(block: Block, bytes: number): void {
    this.checkIdle();
    const rest = alignUp(bytes);
    if (rest >= block.bytes) return;
    this.giveBack(block, block.address + rest, block.bytes - rest);
    block.bytes = rest;
  }

  /**
   * This memory, for whoever changes it.
   * @throws StateError while a program is executed, and once the engine is closed
   * @internal
   */
  writable(): this {
    this.checkIdle();
    if (this.isClosed) throw new StateError("this engine was closed; create another with createEngine()");
    return this;
  }

  /** Throws StateError while a program is executed. @internal */
  checkIdle(): void {
    if (!this.isRunning) return;
    throw new StateError(
      "this engine is executing a program: until it is done, a custom operation or host call may read, but neither run, " +
        "write, make nor dispose anything of the same engine",
    );
  }

  /** Nothing is written any more; what is there can be read. @internal */
  close(): void {
    this.isClosed = true;
  }

  /** @internal */
  u8(address: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.memory.buffer, address, length);
  }
  /** @internal */
  i32(address: number, length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.memory.buffer, address, length);
  }
  /** @internal */
  u32(address: number, length: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.memory.buffer, address, length);
  }
  /** @internal */
  f32(address: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.memory.buffer, address, length);
  }
  /** @internal */
  dataView(address: number, bytes: number): DataView {
    return new DataView(this.memory.buffer, address, bytes);
  }

  /** Throws MemoryError, with the bytes, if so many can never be held, whatever is given back. @internal */
  checkFits(bytes: number, label: string): void {
    if (bytes > this.maximumBytes - this.start) this.refuse(bytes, label);
  }

  /** Where `size` bytes lie from now on. */
  private place(size: number, label: string): number {
    this.checkFits(size, label);
    const taken = this.free.take(size);
    if (taken !== undefined) return taken;
    const remedies = this.remedies();
    while (!remedies.next().done) {
      const address = this.free.take(size) ?? this.extend(size);
      if (address !== undefined) return address;
    }
    return this.refuse(size, label);
  }

  /** What is done for want of memory; the allocation is tried again after each step. */
  private *remedies(): Generator<unknown, void> {
    yield;
    this.holdings.collect();
    yield;
    yield* this.relief();
  }

  /** Where `size` bytes at the end of what is in use begin; undefined if memory cannot grow so far. */
  private extend(size: number): number | undefined {
    const address = this.end;
    if (address + size > this.maximumBytes) return undefined;
    const missing = address + size - this.byteLength;
    if (missing > 0) {
      try {
        this.memory.grow(Math.ceil(missing / pageBytes));
      } catch (error) {
        this.growError = error;
        return undefined;
      }
      this.growCount++;
    }
    this.end = address + size;
    return address;
  }

  private giveBack({ owner }: Block, address: number, bytes: number): void {
    this.free.give(address, bytes);
    this.end = this.free.takeLast(this.end);
    this.account(owner, -bytes);
  }

  private account(owner: string, bytes: number): void {
    this.used += bytes;
    this.heldBy.set(owner, (this.heldBy.get(owner) ?? 0) + bytes);
  }

  private refuse(bytes: number, label: string): never {
    const held = [...this.heldBy]
      .filter(([, bytes]) => bytes > 0)
      .sort((a, b) => b[1] - a[1])
      .map(([owner, bytes]) => `${owner} ${bytes}`);
    const limit = this.growError ? "the host gives no more" : `linear memory ends at ${this.maximumBytes} bytes`;
    throw new MemoryError(
      `cannot allocate ${bytes} bytes for ${label}: ${limit}. Bytes held: ${held.join(", ") || "none"}. Use a smaller batch ` +
        "or data set, or dispose() what is no longer needed: what is merely dropped goes back after the event loop turned",
      { cause: this.growError },
    );
  }
}

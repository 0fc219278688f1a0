/** Every block starts on a cache line, so kernels may use aligned vector accesses and threads do not share lines. */
export const blockAlignment = 64;

export function alignUp(bytes: number, alignment = blockAlignment): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** A range of linear memory. `address` changes only for blocks whose owner moves them (the activation arena). */
export interface Block {
  address: number;
  bytes: number;
  readonly label: string;
  /** What holds it, for the message that tells what memory is taken by: "models", "data sets". */
  readonly owner: string;
}

/** What gives out blocks of linear memory. */
export interface Allocator {
  /** A zeroed block. Throws MemoryError if it does not fit, StateError while memory must not change. @internal */
  allocate(bytes: number, label: string, owner: string): Block;
  /** Gives a block back. Throws StateError while memory must not change. @internal */
  release(block: Block): void;
  /** Throws StateError while memory must not change: when a program is executed. @internal */
  checkIdle(): void;
}

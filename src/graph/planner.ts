import { alignUp, type KernelCall } from "../engine/index.js";
import { MemoryRange } from "./memoryRange.js";
import { Occupancy } from "./occupancy.js";

/** Where a planned buffer lies in the arena, and the records during which it is alive. */
export interface Placement {
  readonly buffer: MemoryRange;
  readonly first: number;
  readonly last: number;
  readonly bytes: number;
  offset: number;
}

export interface MemoryPlan {
  readonly placements: readonly Placement[];
  /** Bytes of arena the plan needs. */
  readonly arenaBytes: number;
}

/**
 * Assigns arena offsets by liveness: a buffer is alive from the first record that refers to it to the last, and two
 * buffers share bytes only if they are never alive together. `pinned` buffers are alive throughout (inputs are written
 * before the first record, retained values are read after the last). Greedy by size, lowest offset first
 * (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020, §5.2).
 */
export function planMemory(calls: readonly KernelCall[], pinned: Iterable<MemoryRange>): MemoryPlan {
  const lifetimes = new Map<MemoryRange, { first: number; last: number }>();
  const touch = (buffer: MemoryRange, index: number): void => {
    const root = buffer.root;
    if (root.isPlaced) return;
    const life = lifetimes.get(root);
    if (!life) lifetimes.set(root, { first: index, last: index });
    else {
      life.first = Math.min(life.first, index);
      life.last = Math.max(life.last, index);
    }
  };
  calls.forEach((call, index) => {
    for (const value of [...Object.values(call.fields), ...(call.uses ?? [])])
      if (value instanceof MemoryRange) touch(value, index);
  });
  for (const buffer of pinned) {
    touch(buffer, -1);
    touch(buffer, calls.length);
  }

  const placements = [...lifetimes]
    .map(([buffer, life]): Placement => ({ buffer, ...life, bytes: alignUp(Math.max(buffer.bytes, 1)), offset: 0 }))
    .sort((a, b) => b.bytes - a.bytes || a.first - b.first);
  // Before the first record, during each, and after the last.
  const occupancy = new Occupancy(calls.length + 2);
  let arenaBytes = 0;
  for (const placement of placements) {
    const { first, last, bytes } = placement;
    placement.offset = occupancy.lowestFree(first + 1, last + 1, bytes);
    occupancy.take(first + 1, last + 1, placement.offset, placement.offset + bytes);
    arenaBytes = Math.max(arenaBytes, placement.offset + bytes);
  }
  return { placements, arenaBytes };
}

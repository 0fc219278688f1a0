import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Block, blockAlignment, LinearMemory, MemoryError } from "../../src/engine/index.js";

const megabyte = 1 << 20;

function newMemory(maximumBytes = 16 * megabyte): LinearMemory {
  return new LinearMemory(new WebAssembly.Memory({ initial: 1, maximum: maximumBytes / 65536 }), 1000, maximumBytes);
}

describe("LinearMemory", () => {
  it("gives aligned, zeroed blocks that do not overlap, in any order of allocation and release", () => {
    const step = fc.record({ bytes: fc.integer({ min: 0, max: 100_000 }), release: fc.integer({ min: 0, max: 20 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const memory = newMemory();
        const live: Block[] = [];
        for (const { bytes, release } of steps) {
          const block = memory.allocate(bytes, "test");
          expect(block.address % blockAlignment).toBe(0);
          expect(block.bytes).toBeGreaterThanOrEqual(bytes);
          const contents = memory.u8(block.address, block.bytes);
          expect(contents.every((byte) => byte === 0)).toBe(true);
          contents.fill(255);
          for (const other of live) {
            expect(block.address >= other.address + other.bytes || other.address >= block.address + block.bytes).toBe(
              true,
            );
          }
          live.push(block);
          const [gone] = live.splice(release, 1);
          if (gone) memory.release(gone);
        }
        expect(memory.allocatedBytes - live.reduce((sum, block) => sum + block.bytes, 0)).toBe(1024);
      }),
      { numRuns: 50 },
    );
  });

  it("reuses what was released: the same allocations again do not grow it", () => {
    const memory = newMemory();
    const round = (): void => {
      const blocks = [70_000, 3, 500_000, 64].map((bytes) => memory.allocate(bytes, "test"));
      for (const index of [2, 0, 3, 1]) memory.release(blocks[index]!);
    };
    round();
    const { byteLength, growCount } = memory;
    for (let i = 0; i < 100; i++) round();
    expect(memory.byteLength).toBe(byteLength);
    expect(memory.growCount).toBe(growCount);
  });

  it("throws MemoryError naming the bytes asked for when the limit is reached, and stays usable", () => {
    const memory = newMemory(2 * megabyte);
    expect(() => memory.allocate(3 * megabyte, "a large batch")).toThrow(MemoryError);
    expect(() => memory.allocate(3 * megabyte, "a large batch")).toThrow(/3145728 bytes for a large batch/);
    expect(memory.allocate(megabyte, "a small one").bytes).toBe(megabyte);
  });
});

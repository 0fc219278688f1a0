import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kernelCall, type KernelCall } from "../../src/engine/index.js";
import { Buffer, planMemory } from "../../src/graph/index.js";

function copy(x: Buffer, y: Buffer): KernelCall {
  return kernelCall("copy", { x, y, count: 1 });
}

describe("planMemory", () => {
  it("never overlaps buffers that are alive together, for random programs", () => {
    const call = fc.tuple(fc.nat(19), fc.nat(19));
    const sizes = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 60 }), sizes, (pairs, bytes) => {
        const buffers = bytes.map((size, i) => Buffer.planned(size, `buffer ${i}`));
        const { placements, arenaBytes } = planMemory(
          pairs.map(([a, b]) => copy(buffers[a]!, buffers[b]!)),
          buffers.slice(0, 2),
        );
        for (const a of placements) {
          expect(a.offset % 64).toBe(0);
          expect(a.offset + a.bytes).toBeLessThanOrEqual(arenaBytes);
          for (const b of placements) {
            if (a === b || a.last < b.first || b.last < a.first) continue;
            expect(a.offset >= b.offset + b.bytes || b.offset >= a.offset + a.bytes).toBe(true);
          }
        }
      }),
    );
  });

  it("keeps two buffers alive at a time for a chain, whatever its length", () => {
    const chain = Array.from({ length: 10 }, (_, i) => Buffer.planned(1024, `step ${i}`));
    const calls = chain.slice(1).map((buffer, i) => copy(chain[i]!, buffer));
    expect(planMemory(calls, []).arenaBytes).toBe(2048);
  });

  it("counts a use of a view as a use of its root", () => {
    const [root, other, result] = ["root", "other", "result"].map((label) => Buffer.planned(256, label));
    const calls = [copy(root!, other!), copy(other!, result!), copy(root!.view(128), result!)];
    const { placements } = planMemory(calls, []);
    expect(placements.find(({ buffer }) => buffer === root)).toMatchObject({ first: 0, last: 2 });
  });

  it("keeps pinned buffers alive from before the first record to after the last", () => {
    const [x, y, z] = ["x", "y", "z"].map((label) => Buffer.planned(64, label));
    const { placements } = planMemory([copy(x!, y!), copy(y!, z!)], [x!]);
    expect(placements.find(({ buffer }) => buffer === x)).toMatchObject({ first: -1, last: 2 });
  });
});

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deltaOf } from "../../scripts/delta.mjs";
import { relaxedDelta } from "../../build/generated/relaxed.js";
import { simdWasm } from "../../build/generated/simd.js";
import { unpackWasm } from "../../src/engine/builds.js";
import { applyDelta } from "../../src/engine/delta.js";

describe("the delta of two files", () => {
  it("makes of the one the other, whatever they hold", () => {
    const bytes = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 300 });
    fc.assert(
      fc.property(bytes, bytes, fc.nat(300), fc.nat(300), (first, fresh, from, to) => {
        const base = Uint8Array.from(first);
        // Pieces of the base around what is new.
        const target = Uint8Array.from([...first.slice(from), ...fresh, ...first.slice(0, to)]);
        expect(applyDelta(base, deltaOf(base, target))).toEqual(target);
      }),
    );
  });

  it("is small where they have most in common", () => {
    const base = Uint8Array.from({ length: 10_000 }, (_, i) => (i * i * 31) >> 5);
    const target = base.with(5000, 7);
    expect(deltaOf(base, target).length).toBeLessThan(20);
  });

  it("unpacks to the builds that were compiled", async () => {
    const sources = { simd: simdWasm, relaxed: { delta: relaxedDelta, apply: applyDelta } };
    for (const name of ["simd", "relaxed"] as const) {
      const compiled = readFileSync(`build/${name}.wasm`);
      expect(compiled.equals(await unpackWasm(sources, name))).toBe(true);
    }
  });
});

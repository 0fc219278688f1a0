import { describe, expect, it } from "vitest";
import { Peak } from "../../bench/peak.js";
import { convRows } from "../../bench/rows/conv2d.js";
import { gemmRows } from "../../bench/rows/gemm.js";
import { stepTrainer } from "../../bench/rows/steps.js";
import { probeHost } from "../../src/engine/index.js";
import { createEngine } from "../../src/index.js";

/**
 * A register tile that V8 spills runs at about half speed. The best of many short runs is compared with the best of as many
 * of independent multiply-adds in between, so that a busy machine slows both.
 */
const leastFraction = 0.7;

const builds = (["simd", "relaxed"] as const).filter((build) => probeHost()[build]);

describe.each(builds)("what V8 makes of the register tiles (%s)", (build) => {
  const guarded = [
    ...gemmRows.filter(({ shape }) => shape === "128×128×128"),
    ...convRows.filter(({ shape }) => shape.startsWith("16→32")),
  ];

  it.each(guarded.map((row) => ({ row, title: `${row.name} ${row.shape}` })))(
    "keeps $title at 0.7 of independent multiply-adds or more: no spills",
    async ({ row }) => {
      const peak = new Peak(build);
      const engine = await createEngine({ build });
      const subject = row.wasm(engine);
      subject.result();
      let best = Infinity;
      let fraction = 0;
      const until = performance.now() + 20_000;
      while (fraction < leastFraction && performance.now() < until) {
        for (let i = 0; i < 20; i++) {
          const start = performance.now();
          subject.run();
          best = Math.min(best, performance.now() - start);
        }
        peak.sample();
        fraction = row.flops! / best / 1e6 / peak.multiplyAddGflops;
      }
      expect(fraction).toBeGreaterThanOrEqual(leastFraction);
    },
  );
});

describe("memory of a training step", () => {
  it("is under 40 MB for the MNIST CNN at batch 64: no patch matrix is materialised", async () => {
    const engine = await createEngine();
    const { step } = stepTrainer(engine, "c");
    step();
    // The data set of this row is one batch, 0.2 MB. The patch matrix of the second convolution alone would be 7 MB more.
    expect(engine.memory.byteLength).toBeLessThan(40e6);
    expect(engine.arena.bytes).toBeLessThan(12e6);
  });
});

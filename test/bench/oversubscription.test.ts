import { describe, expect, it } from "vitest";
import { measureTogether } from "../../bench/measure.js";
import { stepTrainer } from "../../bench/rows/steps.js";
import { coreCount } from "../../src/engine/host.js";
import { createEngine } from "../../src/index.js";

describe("four times as many threads as cores", () => {
  it.each(["a", "b", "c"] as const)("take at most twice the time of as many as cores for step (%s)", async (letter) => {
    const cores = Math.min(coreCount(), 8);
    const counts = [1, cores, 4 * cores];
    const engines = await Promise.all(counts.map((threads) => createEngine({ seed: 1, threads })));
    const steps = engines.map((engine) => stepTrainer(engine, letter).step);
    // Other tests may have a core for a while: the best of some tries counts.
    let ratio = Infinity;
    for (let attempt = 0; attempt < 5 && !(ratio <= 1.5); attempt++) {
      const [one, equal, more] = measureTogether(steps, { budget: 250 }).map(({ milliseconds }) => milliseconds);
      ratio = Math.min(ratio, more! / equal!);
      console.log(
        `step (${letter}): ${one!.toFixed(2)} ms on 1 thread, ${equal!.toFixed(2)} on ${cores}, ${more!.toFixed(2)} on ${4 * cores}`,
      );
    }
    await Promise.all(engines.map((engine) => engine.close()));
    expect(ratio).toBeLessThanOrEqual(2);
  });
});

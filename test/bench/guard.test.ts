import { expect, it } from "vitest";
import { measureGuard } from "../../bench/guard.js";
import { createEngine } from "../../src/index.js";

it.each(["a", "b"] as const)(
  "looking for NaN and infinities costs step (%s) little: a tenth at the very most",
  async (letter) => {
    const engine = await createEngine({ seed: 1, threads: 1 });
    // `npm run bench -- --guard` says how little it is; here other tests may have the cores for a while.
    let fraction = Infinity;
    for (let attempt = 0; attempt < 5 && !(fraction <= 0.02); attempt++) {
      fraction = Math.min(fraction, measureGuard(engine, letter, 500).fraction);
    }
    console.log(`step (${letter}): the check costs ${(100 * fraction).toFixed(2)} %`);
    expect(fraction).toBeLessThan(0.1);
  },
);

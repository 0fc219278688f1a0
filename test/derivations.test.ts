import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { batchNorm } from "./derivations/batchNorm.js";
import type { Demonstration } from "./derivations/compare.js";
import { convolution } from "./derivations/convolution.js";
import { optimizers } from "./derivations/optimizers.js";
import { softmax } from "./derivations/softmax.js";
import { units } from "./derivations/units.js";
import { testedBuilds, testEngine } from "./kernel.js";

/** What shows each erratum, by what its row says of the notes. */
const demonstrations: Readonly<Record<string, Demonstration>> = {
  ...convolution,
  ...batchNorm,
  ...softmax,
  ...units,
  ...optimizers,
};

const page = readFileSync(new URL("../docs/derivations.md", import.meta.url), "utf8");
const table = page.slice(page.indexOf("## Errata of the notes"));
const errata = Array.from(table.matchAll(/^\| (.*?) +\| (.*?) +\|$/gm), ([, notes, verdict]) => ({
  notes: notes!,
  verdict: verdict!,
})).slice(2);

describe("the errata in docs/derivations.md", () => {
  it("are those that are shown here, each once", () => {
    expect(errata.length).toBeGreaterThan(0);
    expect(errata.map(({ notes }) => notes).sort()).toEqual(Object.keys(demonstrations).sort());
  });
});

describe.each(testedBuilds)("the library and central differences agree where the notes do not (%s)", async (build) => {
  const engine = await testEngine(build);
  for (const { notes, verdict } of errata) {
    it(`${notes}: ${verdict}`, () => {
      const show = demonstrations[notes];
      if (!show) expect.fail("nothing shows this row");
      show(engine);
    });
  }
});

import { describe, it } from "vitest";
import { TracedSample } from "../catalogue/tracedSample.js";
import { isEmpty } from "../catalogue/sample.js";
import { allSamples } from "../catalogue/samples.js";
import { expectClose } from "../expect.js";
import { testedBuilds, testEngine } from "../kernel.js";

describe.each(testedBuilds)("values and gradients (%s)", async (build) => {
  const engine = await testEngine(build);
  const full = allSamples.filter(([, sample]) => !isEmpty(sample));

  // The largest sums have 2500 terms of size 1, which float32 adds to within 2500 · 2⁻²⁴ of their magnitudes.
  it.each(full)("of %s agree with the interpreter's in float64", (_, sample) => {
    const traced = new TracedSample(sample);
    const expected = traced.interpret();
    traced.compute(engine).forEach((actual, i) => {
      const largest = Math.max(1, ...Array.from(expected[i]!, Math.abs));
      expectClose(actual, expected[i]!, { absolute: (sample.isLarge ? 2e-5 : 4e-6) * largest });
    });
  });
});

import { describe, expect, it } from "vitest";
import { TracedSample } from "../catalogue/tracedSample.js";
import { isEmpty } from "../catalogue/sample.js";
import { allSamples } from "../catalogue/samples.js";
import { testedBuilds, testEngine } from "../kernel.js";

describe.each(testedBuilds)("empty tensors (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each(allSamples.filter(([, sample]) => isEmpty(sample)))(
    "in %s give the values and gradients of sums over nothing: 0, and NaN for a mean",
    (_, sample) => {
      const traced = new TracedSample(sample);
      const expected = traced.interpret().map((output) => Array.from(output, Math.fround));
      expect(traced.compute(engine).map((output) => [...output])).toEqual(expected);
    },
  );
});

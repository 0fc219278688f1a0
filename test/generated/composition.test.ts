import { describe, it } from "vitest";
import type { Value } from "../../src/graph/index.js";
import { TracedSample } from "../catalogue/tracedSample.js";
import { inputsOf, isEmpty } from "../catalogue/sample.js";
import { allSamples } from "../catalogue/samples.js";
import { expectClose, expectIdentical } from "../expect.js";
import { testedBuilds, testEngine } from "../kernel.js";

const samples = allSamples.filter(([, sample]) => {
  const { operation } = sample.apply(inputsOf(sample));
  return operation.lower !== undefined && operation.compose !== undefined && !isEmpty(sample);
});

describe.each(testedBuilds)("kernels and composition (%s)", async (build) => {
  const engine = await testEngine(build);

  // Elementwise to the bit. Others add the same terms in another order: the largest sums, of 300 terms, stray by some
  // √300 · 2⁻²⁴ = 1e-6 of a term each, a few times over (mean, variance, gradients of both).
  it.each(samples)("of %s give the same", (_, sample) => {
    const traced = new TracedSample(sample, { withGradients: false });
    const { operation, inputs, attributes, outputs } = traced.node;
    const composed = operation.compose!(inputs, attributes);
    const pairs = Object.entries(composed).flatMap(([name, value]): (readonly [Value, Value])[] =>
      value ? [[outputs[name]!, value]] : [],
    );
    const program = traced.compile(engine, pairs.flat());
    program.run();
    for (const [lowered, meant] of pairs) {
      const [actual, expected] = [program.read(lowered), program.read(meant)];
      if (sample.isElementwise) expectIdentical(actual, expected);
      else expectClose(actual, expected, { absolute: 1e-5 * Math.max(1, ...expected.map(Math.abs)) });
    }
    program.dispose();
  });
});

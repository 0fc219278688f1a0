import { describe, it } from "vitest";
import { gradients, Graph, Program } from "../../src/graph/index.js";
import { add } from "../../src/ops/elementwise/add.js";
import { directionsOf, FloatObjective, upstreamsOf } from "../catalogue/differences.js";
import { dot, gradientsOf } from "../catalogue/objective.js";
import { inputsOf, isDifferentiable, isEmpty, type Sample, type Tensor } from "../catalogue/sample.js";
import { allSamples } from "../catalogue/samples.js";
import { expectClose } from "../expect.js";
import { testedBuilds, testEngine } from "../kernel.js";

const samples = allSamples.filter(
  ([, sample]) =>
    sample.inputs.length > 0 && !isEmpty(sample) && !sample.isLarge && isDifferentiable(sample.apply(inputsOf(sample))),
);
/** The objective has ½ Σ x² of the inputs added, whose gradient is x, and v that of its product with directions v. */
function differencesOf(sample: Sample) {
  const objective = new FloatObjective(sample);
  const directions = directionsOf(sample);
  const plus = (gradients: readonly Float64Array[], others: readonly Tensor[]): readonly Float64Array[] =>
    gradients.map((gradient, i) => gradient.map((element, at) => element + others[i]!.data[at]!));
  return {
    first: plus(objective.gradient(), sample.inputs),
    second: plus(objective.secondGradient(directions), directions),
  };
}

const known = new Map<Sample, ReturnType<typeof differencesOf>>();

/** Computed once for all builds. */
function expectedOf(sample: Sample): ReturnType<typeof differencesOf> {
  const expected = known.get(sample) ?? differencesOf(sample);
  known.set(sample, expected);
  return expected;
}

/** The gradients of a sample's objective, and those of their product with directions. */
function gradientsIn(graph: Graph, sample: Sample) {
  const placed: (readonly [ReturnType<Graph["input"]>, Tensor])[] = [];
  const place = (tensors: readonly Tensor[]) =>
    tensors.map((tensor) => {
      const value = graph.input(tensor.shape, "input", "f32", true);
      placed.push([value, tensor]);
      return value;
    });
  const values = place(sample.inputs);
  const directions = place(directionsOf(sample));
  const first = gradientsOf(sample.apply(values), values, place(upstreamsOf(sample)));
  const second = gradients(first.map((gradient, i) => dot(gradient, directions[i]!)).reduce(add), values);
  return { placed, first, second };
}

describe.each(testedBuilds)("the gradient and the gradient of a gradient (%s)", async (build) => {
  const engine = await testEngine(build);

  // Both with random upstream gradients. Differences in float64 are exact to 1e-9 and 1e-7.
  it.each(samples)("of %s are the differences of the interpreter's values", (_, sample) => {
    const graph = new Graph();
    const { placed, first, second } = gradientsIn(graph, sample);
    const program = new Program(engine, graph, { outputs: [...first, ...second] });
    for (const [value, { data }] of placed) program.write(value, data);
    program.run();
    const expected = expectedOf(sample);
    for (const [found, wanted, tolerance] of [
      [first, expected.first, 1e-5],
      [second, expected.second, 2e-5],
    ] as const) {
      found.forEach((value, i) => {
        const largest = Math.max(1, ...wanted[i]!.map(Math.abs));
        expectClose(program.read(value), wanted[i]!, { absolute: tolerance * largest });
      });
    }
    program.dispose();
  });
});

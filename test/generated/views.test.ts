import { describe, it } from "vitest";
import { Graph, Program } from "../../src/graph/index.js";
import { TracedSample } from "../catalogue/tracedSample.js";
import { isEmpty, resultsOf } from "../catalogue/sample.js";
import { allSamples } from "../catalogue/samples.js";
import { expectClose } from "../expect.js";
import { testEngine } from "../kernel.js";
import { backwards, type Layout, layOut, lying, ordered } from "../layouts.js";
import type { Shape } from "../../src/graph/index.js";

/** How inputs lie that are not dense. */
const layouts: Readonly<Record<string, (shape: Shape) => Layout>> = {
  "with its axes in reverse": (shape) => ordered(shape, [...shape.keys()].reverse()),
  "with its last two axes exchanged": (shape) => {
    const axes = [...shape.keys()];
    return ordered(shape, [...axes.slice(0, -2), ...axes.slice(-2).reverse()], 1, 3);
  },
  "in rows with gaps": (shape) => ordered(shape, [...shape.keys()], 1, 5),
  "backwards with gaps": backwards,
};

describe("views", async () => {
  const engine = await testEngine();

  // A layout decides which kernel sums in which order: products of few rows, packed or not.
  it.each(allSamples.filter(([, sample]) => !isEmpty(sample)))(
    "are read by %s as the same elements one after another are",
    (_, sample) => {
      const dense = new TracedSample(sample, { withGradients: false });
      const expected = dense.compute(engine);
      for (const layout of Object.values(layouts)) {
        const graph = new Graph();
        const inputs = sample.inputs.map(({ shape, data }) => {
          const laid = layout(shape);
          const [value, memory] = lying(graph, laid);
          return { value, memory, data: layOut(laid, data) };
        });
        const results = resultsOf(sample.apply(inputs.map(({ value }) => value)));
        const program = new Program(engine, graph, { outputs: results });
        for (const { memory, data } of inputs) program.write(memory, data);
        program.run();
        results.forEach((result, i) => {
          const largest = Math.max(1, ...Array.from(expected[i]!, Math.abs));
          expectClose(program.read(result), expected[i]!, { absolute: 1e-5 * largest });
        });
        program.dispose();
      }
    },
  );
});

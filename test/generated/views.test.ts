import { describe, expect, it } from "vitest";
import { Graph, Program } from "../../src/graph/index.js";
import { TracedSample } from "../catalogue/tracedSample.js";
import { isEmpty, readNumbers, resultsOf } from "../catalogue/sample.js";
import { allSamples } from "../catalogue/samples.js";
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
      for (const [lies, layout] of Object.entries(layouts)) {
        const graph = new Graph();
        const inputs = sample.inputs.map(({ shape, data }) => {
          const laid = layout(shape);
          const [value, memory] = lying(graph, laid);
          return { value, memory, data: layOut(laid, data) };
        });
        const results = resultsOf(
          sample.apply(
            inputs.map(({ value }) => value),
            graph,
          ),
        );
        const program = new Program(engine, graph, { outputs: results });
        for (const { memory, data } of inputs) program.write(memory, data);
        program.run();
        results.forEach((result, i) => {
          const wanted = expected[i]!;
          const largest = Math.max(1, ...Array.from(wanted.filter(Number.isFinite), Math.abs));
          readNumbers(program, result).forEach((value, at) => {
            const isRight = Object.is(value, wanted[at]) || Math.abs(value - wanted[at]!) <= 1e-5 * largest;
            if (!isRight) expect.fail(`${lies}: element ${at} is ${value}, want ${wanted[at]}`);
          });
        });
        program.dispose();
      }
    },
  );
});

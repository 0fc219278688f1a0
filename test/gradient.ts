import type { Engine } from "../src/engine/index.js";
import { Graph, Program, type Shape, sizeOf, type Value } from "../src/graph/index.js";
import { expectClose } from "./expect.js";
import { randomFloats } from "./random.js";

/**
 * Checks the backward records of a function of Values: the gradient of Σ r·f(x), with r a random upstream gradient, is
 * compared with central differences of `oracle`, a float64 implementation that shares no code with the kernels.
 * Also compares the forward result with the oracle.
 */
export function checkGradient(
  engine: Engine,
  inputs: readonly { readonly shape: Shape; readonly data?: Float32Array }[],
  build: (values: readonly Value[]) => Value,
  oracle: (inputs: readonly Float64Array[]) => ArrayLike<number>,
  {
    tolerance = 1e-4,
    step = 1e-5,
    seed = 7,
    fuse = false,
  }: { tolerance?: number; step?: number; seed?: number; fuse?: boolean } = {},
): void {
  const graph = new Graph();
  const values = inputs.map(({ shape }, i) => graph.input(shape, `x${i}`, "f32", true));
  const output = build(values);
  const upstream = graph.input(output.shape, "upstream");
  const program = new Program(engine, graph, {
    outputs: [output],
    backward: { from: output, gradient: upstream },
    gradients: values,
    fuse,
  });
  const data = inputs.map(({ shape, data }, i) => data ?? randomFloats(sizeOf(shape), seed + i));
  const r = randomFloats(output.size, seed + 100);
  values.forEach((value, i) => program.write(value, data[i]!));
  program.write(upstream, r);
  program.run();

  const points = data.map((array) => Float64Array.from(array));
  const expected = oracle(points);
  expectClose(program.read(output), expected, { relative: tolerance, absolute: tolerance });
  const objective = (): number => {
    const y = oracle(points);
    return r.reduce((sum, weight, i) => sum + weight * y[i]!, 0);
  };
  values.forEach((value, which) => {
    const point = points[which]!;
    const numerical = point.map((center, i) => {
      point[i] = center + step;
      const above = objective();
      point[i] = center - step;
      const below = objective();
      point[i] = center;
      return (above - below) / (2 * step);
    });
    const scale = Math.max(1, ...numerical.map(Math.abs));
    expectClose(program.readGradient(value), numerical, { relative: tolerance, absolute: tolerance * scale });
  });
  program.dispose();
}

import type { Engine } from "../src/engine/index.js";
import { gradients, Graph, Program, type Shape, sizeOf, type Value } from "../src/graph/index.js";
import { add } from "../src/ops/elementwise/add.js";
import { sum } from "../src/ops/reductions/sum.js";
import { multiply } from "../src/ops/elementwise/multiply.js";
import { scale } from "../src/ops/elementwise/scale.js";
import { expectClose } from "./expect.js";
import { randomFloats } from "./random.js";

export interface SecondOrderInput {
  readonly shape: Shape;
  readonly data?: Float32Array;
}

/**
 * Checks gradients of gradients. With L = Σ r·f(x), r and the directions v random: the gradient of Σ v·∂L/∂x, a
 * Hessian-vector product, is compared with second differences of `oracle`, a float64 implementation of f that shares no
 * code with the kernels.
 */
export function checkSecondOrder(
  engine: Engine,
  inputs: readonly SecondOrderInput[],
  build: (values: readonly Value[]) => Value,
  oracle: (inputs: readonly Float64Array[]) => ArrayLike<number>,
  { tolerance = 1e-3, step = 1e-4, seed = 7 }: { tolerance?: number; step?: number; seed?: number } = {},
): void {
  const graph = new Graph();
  const values = inputs.map(({ shape }, i) => graph.input(shape, `x${i}`, "f32", true));
  const directions = inputs.map(({ shape }, i) => graph.input(shape, `v${i}`));
  const output = build(values);
  const upstream = graph.input(output.shape, "upstream");
  const terms = gradients(output, values, upstream).map((gradient, i) => sum(multiply(gradient, directions[i]!)));
  // ½ Σ x² beside it, whose gradient is x: so a gradient reaches every input, also where f is linear.
  const squares = values.map((value) => scale(sum(multiply(value, value)), 0.5));
  const objectiveValue = [...terms, ...squares].reduce(add);
  const program = new Program(engine, graph, { outputs: [], backward: { from: objectiveValue }, gradients: values });
  const data = inputs.map(({ shape, data }, i) => data ?? randomFloats(sizeOf(shape), seed + i));
  const v = inputs.map(({ shape }, i) => randomFloats(sizeOf(shape), seed + 50 + i));
  const r = randomFloats(output.size, seed + 100);
  values.forEach((value, i) => program.write(value, data[i]!));
  directions.forEach((value, i) => program.write(value, v[i]!));
  program.write(upstream, r);
  program.run();

  const points = data.map((array) => Float64Array.from(array));
  const objective = (): number => {
    const y = oracle(points);
    return r.reduce((sum, weight, i) => sum + weight * y[i]!, 0);
  };
  const move = (factor: number): void => {
    points.forEach((point, i) => point.forEach((_, at) => (point[at]! += factor * v[i]![at]!)));
  };
  const slope = (): number => {
    move(step);
    const above = objective();
    move(-2 * step);
    const below = objective();
    move(step);
    return (above - below) / (2 * step);
  };
  values.forEach((value, which) => {
    const point = points[which]!;
    const numerical = Float64Array.from(point, (center, i) => {
      point[i] = center + step;
      const above = slope();
      point[i] = center - step;
      const below = slope();
      point[i] = center;
      return (above - below) / (2 * step);
    });
    const expected = numerical.map((product, i) => product + data[which]![i]!);
    const largest = Math.max(1, ...expected.map(Math.abs));
    expectClose(program.readGradient(value), expected, { relative: tolerance, absolute: tolerance * largest });
  });
  program.dispose();
}

import { expect } from "vitest";
import type { Engine } from "../../src/engine/index.js";
import { Graph, Program, type Shape, type Value } from "../../src/graph/index.js";

export type Vector = readonly number[];

/** Shows one erratum of docs/derivations.md with the kernels of an engine. */
export type Demonstration = (engine: Engine) => void;

export const sum = (values: Vector): number => values.reduce((total, value) => total + value, 0);
export const dot = (a: Vector, b: Vector): number => sum(a.map((value, i) => value * b[i]!));

/** What the library computes for y = f(x), and for the gradients of Σ upstream·y. */
export interface Computed {
  readonly y: Vector;
  readonly gradients: readonly Vector[];
}

export function compute(
  engine: Engine,
  inputs: readonly { readonly shape: Shape; readonly data: Vector }[],
  build: (...values: Value[]) => Value,
  upstream: Vector,
): Computed {
  const graph = new Graph();
  const values = inputs.map(({ shape }, i) => graph.input(shape, `x${i}`, "f32", true));
  const output = build(...values);
  const gradient = graph.input(output.shape, "upstream");
  const program = new Program(engine, graph, {
    outputs: [output],
    backward: { from: output, gradient },
    gradients: values,
  });
  values.forEach((value, i) => program.write(value, inputs[i]!.data));
  program.write(gradient, upstream);
  program.run();
  const result = { y: [...program.read(output)], gradients: values.map((value) => [...program.readGradient(value)]) };
  program.dispose();
  return result;
}

/** The gradient of f at x by central differences in float64: off by some 1e-10 where f and its derivatives are near 1. */
export function centralDifferences(f: (x: Vector) => number, x: Vector): Vector {
  const h = 1e-5;
  return x.map((center, i) => {
    const at = (value: number): number => f(x.map((other, j) => (i === j ? value : other)));
    return (at(center + h) - at(center - h)) / (2 * h);
  });
}

/**
 * What float32 may differ by from float64: 32 roundings of 2⁻²⁴, more than any formula here has on the way to one number,
 * each of a term no larger than `largest`.
 */
const tolerance = (largest: number): number => 32 * 2 ** -24 * largest;

/** Holds that two vectors agree but for the roundings of terms no larger than `largest`. */
export function expectAgreement(actual: Vector, expected: Vector, largest = 1): void {
  const difference = distance(actual, expected);
  if (!(difference <= tolerance(largest))) {
    expect.fail(`[${actual.join()}] is off by ${difference} from [${expected.join()}], may be ${tolerance(largest)}`);
  }
}

/** Holds that they differ by more than a thousand times what roundings could explain. */
export function expectDisagreement(actual: Vector, wrong: Vector, largest = 1): void {
  expect(distance(actual, wrong)).toBeGreaterThan(1000 * tolerance(largest));
}

/** The largest difference; NaN if any is. */
function distance(a: Vector, b: Vector): number {
  expect(a.length).toBe(b.length);
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
}

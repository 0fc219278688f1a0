import type { Shape } from "../../src/graph/index.js";

export type Numbers = ArrayLike<number>;

/** One application of a primitive. What is kept for gradients and has no meaning of its own is missing from the inputs. */
export interface Application {
  readonly inputs: Readonly<Record<string, Numbers>>;
  /** Of inputs and outputs. */
  readonly shapes: Readonly<Record<string, Shape>>;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** The elements of the outputs, in float64. */
export type Primitive = (at: Application) => Readonly<Record<string, Numbers>>;

export type Primitives = Readonly<Record<string, Primitive>>;

/** Σ over a range. */
export function sum(count: number, term: (i: number) => number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += term(i);
  return total;
}

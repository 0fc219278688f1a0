import {
  define,
  expanded,
  keptShape,
  axesOf,
  reducedShape,
  reductionOptions,
  reshaped,
  sizeOf,
  sumOperation,
  type Value,
} from "../../graph/index.js";
import { divide } from "../elementwise/divide.js";

/** Over which axes of a value something is formed, and whether they stay. */
export interface ReductionOptions {
  /** One axis or several; negative ones count from the last. Default: all. */
  readonly axes?: number | readonly number[];
  /** Whether they stay as axes of length 1. Default false. */
  readonly keepDims?: boolean;
}

/**
 * The sum over some axes, by default all. Of int32 and bytes it is int32, modulo 2³². Chunks follow from the shape alone, so the bits
 * do not depend on the threads.
 * @throws ShapeError for axes that x does not have, ArgumentError for truth values
 */
export function sum(x: Value, options: ReductionOptions = {}): Value {
  return sumOperation.call({ x }, options).y;
}

export const meanOperation = /* @__PURE__ */ define({
  name: "mean",
  inputs: ["x"],
  attributes: { axes: [] as readonly number[], keepDims: false, divisor: 1 },
  options: reductionOptions,
  fit({ x }, { axes: given, keepDims }) {
    const axes = axesOf("mean", x, given);
    return { axes, keepDims, divisor: countOf(x, axes) };
  },
  shape: ({ x }, { axes, keepDims }) => ({ y: reducedShape(x.shape, axes, keepDims) }),
  reduce: ({ attributes: { axes, divisor } }) => ({ kind: "sum", axes, divisor }),
  gradient: ({ inputs: { x }, attributes: { axes, divisor }, upstreams: { y: dy } }) => ({
    x: expanded(divide(reshaped(dy, keptShape(x.shape, axes)), divisor), x.shape),
  }),
});

/** Elements of which one result is formed. */
export function countOf(x: Value, axes: readonly number[]): number {
  return sizeOf(axes.map((axis) => x.shape[axis]!));
}

/**
 * The mean over some axes, by default all; NaN of no elements. dx = dy/n.
 * @throws ShapeError for axes that x does not have, ArgumentError for integers
 */
export function mean(x: Value, options: ReductionOptions = {}): Value {
  return meanOperation.call({ x }, options).y;
}

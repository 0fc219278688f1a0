import { optional } from "../../engine/index.js";
import { axisOf, define, type Operation, type Value } from "../../graph/index.js";
import { subtract } from "../elementwise/subtract.js";
import { maxOperation } from "../reductions/maxAndMin.js";
import { sum } from "../reductions/sum.js";
import { readRows, rowsOf } from "../rows.js";
import { axisReader } from "../structure/axes.js";

// Softmax and its logarithm along one axis. The kernels are those of the last; along others they are computed as they are composed.

/** Options of functions along one axis. */
export interface AxisOptions {
  /** Negative ones count from the last. Default −1. */
  readonly axis?: number;
}

/** What definitions of operations along one axis have in common. */
export function oneAxis(name: string) {
  return {
    name,
    inputs: ["x"] as const,
    attributes: { axis: -1 },
    options: () => ({ axis: optional(axisReader, -1) }),
    fit: ({ x }: { readonly x: Value }, { axis }: { readonly axis: number }) => ({
      axis: axisOf(name, x, axis),
    }),
    shape: ({ x }: { readonly x: Value }) => ({ y: x.shape }),
  };
}

/** A function along axes: of a scalar there are none. */
type Along<Inputs extends readonly Value[]> = (...given: [...inputs: Inputs, axes: readonly number[]]) => Value;
export type Function1 = Along<[x: Value]>;
/** dx from the output y of a function. */
export type Backward = Along<[y: Value, dy: Value]>;

type BackwardOperation = Operation<"y" | "dy", object, "dx">;
type RowsOperation = Operation<"x", object, "y">;
type Kernel = "softmax" | "logSoftmax";

/** The axes that an operation along one axis of x adds over. */
function axesAlong({ shape }: Value, axis: number): readonly number[] {
  return shape.length === 0 ? [] : [axis];
}

const lastAxis = (x: Value): readonly number[] => axesAlong(x, x.shape.length - 1);

/** Whether the kernels can do it: along the last axis, if that has elements. */
function hasRows({ shape }: Value, axis: number): boolean {
  return axis === shape.length - 1 && shape[axis]! > 0;
}

/** The kernel of the gradient along the last axis. */
export function backwardOfRows(kernel: Kernel, composed: Backward): BackwardOperation {
  return define({
    name: `${kernel}Backward`,
    inputs: ["y", "dy"],
    outputs: ["dx"],
    shape: ({ y }) => ({ dx: y.shape }),
    compose: ({ y, dy }) => ({ dx: composed(y, dy, lastAxis(y)) }),
    lower(emit, { inputs: { y, dy }, outputs: { dx } }) {
      const [ofY, ofDy] = [readRows(emit, y), readRows(emit, dy)];
      const fields = { y: ofY.data, dy: ofDy.data, dx, yRow: ofY.stride, dyRow: ofDy.stride };
      emit.record(`${kernel}Backward`, { ...fields, ...rowsOf(kernel, y) });
    },
  });
}

/** The kernel along the last axis. */
export function ofRows(kernel: Kernel, composed: Function1, backward: BackwardOperation): RowsOperation {
  return define({
    name: `${kernel}Rows`,
    inputs: ["x"],
    shape: ({ x }) => ({ y: x.shape }),
    compose: ({ x }) => ({ y: composed(x, lastAxis(x)) }),
    lower(emit, { inputs: { x }, outputs: { y } }) {
      const { data, stride } = readRows(emit, x);
      emit.record(kernel, { x: data, y, xRow: stride, ...rowsOf(kernel, x) });
    },
    gradient: ({ outputs: { y }, upstreams: { y: dy } }) => ({ x: backward.apply({ y, dy }).dx }),
  });
}

/** The function along any axis. */
export function alongAny(
  name: Kernel,
  [composed, rows]: readonly [Function1, RowsOperation],
  [composedBackward, backward]: readonly [Backward, BackwardOperation],
) {
  return define({
    ...oneAxis(name),
    compose: ({ x }, { axis }) => ({
      y: hasRows(x, axis) ? rows.apply({ x }).y : composed(x, axesAlong(x, axis)),
    }),
    gradient: ({ outputs: { y }, attributes: { axis }, upstreams: { y: dy } }) => ({
      x: hasRows(y, axis) ? backward.apply({ y, dy }).dx : composedBackward(y, dy, axesAlong(y, axis)),
    }),
  });
}

/** x − its maximum. */
export function lessLargest(x: Value, axes: readonly number[]): Value {
  return subtract(x, maxOperation.apply({ x }, { axes, keepDims: true }).y);
}

export function summedOver(x: Value, axes: readonly number[]): Value {
  return sum(x, { axes, keepDims: true });
}

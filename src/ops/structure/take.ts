import {
  axisOf,
  bytesOfType,
  define,
  isFloating,
  isInteger,
  reshaped,
  type Shape,
  type Value,
} from "../../graph/index.js";
import { alongAxis } from "./axes.js";
import { checkIndices, indexOptions, isOther, summand } from "./indices.js";
import { where } from "../elementwise/where.js";

export const takeOperation = /* @__PURE__ */ define({
  name: "take",
  inputs: ["x", "indices"],
  otherTypes: ["x", "indices"],
  attributes: { axis: 0 },
  options: indexOptions,
  isPositional: true,
  fit: ({ x }, { axis }) => ({ axis: axisOf("take", x, axis) }),
  shape({ x, indices }, { axis }) {
    checkIndices("take", indices, x, axis);
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return { y: { shape, dataType: x.dataType } };
  },
  lower: (emit, { inputs: { x, indices }, outputs: { y }, attributes: { axis } }) =>
    emit.record("take", {
      ...{ x, indices, y, ...alongAxis(x.shape, axis), I: indices.size },
      shift: Math.log2(bytesOfType(x.dataType)),
    }),
  gradient: ({ inputs: { x, indices }, attributes: { axis }, upstreams: { y: dy } }) =>
    isFloating(x.dataType) ? { x: takeBackward(indices, dy, axis, x.shape) } : {},
});

/** `take` for an axis and indices that are known to be right. */
export function taken(x: Value, indices: Value, axis: number): Value {
  return takeOperation.apply({ x, indices }, { axis }).y;
}

/** Adds slices of dy where the indices say: the adjoint of `take`. With `skipped` ≥ 0, nothing is added at that place. */
export const takeBackwardOperation = /* @__PURE__ */ define({
  name: "takeBackward",
  inputs: ["indices", "dy"],
  otherTypes: ["indices", "dy"],
  outputs: ["dx"],
  attributes: { axis: 0, shape: [] as Shape, skipped: -1 },
  shape: ({ dy }, { shape }) => ({ dx: { shape, dataType: dy.dataType } }),
  lower: (emit, { inputs: { indices, dy }, outputs: { dx }, attributes: { axis, shape, skipped } }) =>
    emit.record("takeBackward", {
      ...{ indices, dy, dx, ...alongAxis(shape, axis), I: indices.size, skipped },
      isInteger: isInteger(dy),
    }),
  gradient({ inputs: { indices }, attributes: { axis, shape, skipped }, upstreams: { dx: upstream } }) {
    const dy = taken(upstream, indices, axis);
    if (skipped < 0) return { dy };
    const kept = reshaped(isOther(indices, skipped, shape[axis]!), [
      ...indices.shape,
      ...shape.slice(axis + 1).fill(1),
    ]);
    return { dy: where(kept, dy, 0) };
  },
});

export function takeBackward(indices: Value, dy: Value, axis: number, shape: Shape, skipped = -1): Value {
  return takeBackwardOperation.apply({ indices, dy: summand(dy) }, { axis, shape, skipped }).dx;
}

/**
 * The slices of x at indices along an axis, as NumPy's take: x [A, K, C] and int32 indices [I] give [A, I, C], and indices of any
 * shape have their axes in the place of that axis. Rows of an embedding are take(table, indices). Negative indices count from the
 * end, and so do negative axes. The gradient adds up where an index comes several times.
 * @throws ShapeError for axes that x does not have, ArgumentError for indices that are not int32; an index out of range is a
 * ShapeError where it is known beforehand, else a KernelError of the run
 */
export function take(x: Value, indices: Value, axis = 0): Value {
  return takeOperation.call({ x, indices }, { axis }).y;
}

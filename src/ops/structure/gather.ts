import { ArgumentError, ShapeError } from "../../engine/index.js";
import {
  addOperation,
  axisOf,
  bytesOfType,
  checkValues,
  define,
  formatShape,
  formatValue,
  isFloating,
  isInteger,
  type Shape,
  titleOfType,
  type Value,
} from "../../graph/index.js";
import { alongAxis, axisReader } from "./axes.js";
import { checkIndices, checkSum, indexOptions, summand } from "./indices.js";
import { embedded, partOf } from "./slice.js";

/** The part of x that begins at its first element and has another shape. */
function firstPart(x: Value, lengths: Shape): Value {
  return formatShape(x.shape) === formatShape(lengths) ? x : partOf(x, lengths);
}

/** `shape` but along an axis, where it is as `other`. */
function shapeBut(shape: Shape, axis: number, other: Shape): Shape {
  return shape.map((length, i) => (i === axis ? other[i]! : length));
}

/** Throws ShapeError unless indices have the axes of x and are no longer than x along all but one. */
function checkCovered(operation: string, indices: Value, x: Value, axis: number): void {
  const fits =
    indices.shape.length === x.shape.length && indices.shape.every((length, i) => i === axis || length <= x.shape[i]!);
  if (fits) return;
  throw new ShapeError(
    `${operation}: wants indices with as many axes as ${formatValue(x)}, no longer than its but along axis ${axis}; ` +
      `got ${formatValue(indices)}`,
  );
}

export const gatherOperation = /* @__PURE__ */ define({
  name: "gather",
  inputs: ["x", "indices"],
  otherTypes: ["x", "indices"],
  attributes: { axis: 0 },
  options: indexOptions,
  isPositional: true,
  fit: ({ x }, { axis }) => ({ axis: axisOf("gather", x, axis) }),
  shape({ x, indices }, { axis }) {
    checkCovered("gather", indices, x, axis);
    checkIndices("gather", indices, x, axis);
    return { y: { shape: indices.shape, dataType: x.dataType } };
  },
  lower: (emit, { inputs: { x, indices }, outputs: { y }, attributes: { axis } }) =>
    emit.record("gatherElements", {
      ...{ x, indices, y, ...alongAxis(x.shape, axis), I: indices.shape[axis]! },
      shift: Math.log2(bytesOfType(x.dataType)),
    }),
  gradient: ({ inputs: { x, indices }, attributes: { axis }, upstreams: { y: dy } }) =>
    isFloating(x.dataType) ? { x: gatherBackward(indices, summand(dy), axis, x.shape[axis]!) } : {},
});

/** `gather` for indices that are known to be right. */
export function gathered(x: Value, indices: Value, axis: number): Value {
  return gatherOperation.apply({ x, indices }, { axis }).y;
}

/** Adds elements of dy where the indices say, the adjoint of `gather`; or has the last one replace what is there. */
export const gatherBackwardOperation = /* @__PURE__ */ define({
  name: "gatherBackward",
  inputs: ["indices", "dy"],
  otherTypes: ["indices", "dy"],
  outputs: ["dx"],
  attributes: { axis: 0, length: 0, replaces: false },
  shape: ({ dy }, { axis, length }) => ({
    dx: { shape: dy.shape.map((own, i) => (i === axis ? length : own)), dataType: dy.dataType },
  }),
  lower: (emit, { inputs: { indices, dy }, outputs: { dx }, attributes: { axis, replaces } }) =>
    emit.record("gatherElementsBackward", {
      ...{ indices, dy, dx, ...alongAxis(dx.shape, axis), I: indices.shape[axis]! },
      isInteger: isInteger(dy),
      replaces,
    }),
  gradient: ({ inputs: { indices }, attributes: { axis }, upstreams: { dx: upstream } }) => ({
    dy: gathered(upstream, indices, axis),
  }),
});

/** @param replaces whether the last element for a place stands there, in place of the sum */
export function gatherBackward(indices: Value, dy: Value, axis: number, length: number, replaces = false): Value {
  return gatherBackwardOperation.apply({ indices, dy }, { axis, length, replaces }).dx;
}

/**
 * Elements of x at indices along an axis, one for each element, as PyTorch's gather: of matrices with axis 1,
 * y[i, j] = x[i, indices[i, j]]. Indices are int32, with as many axes as x and no longer than it along the others; negative ones
 * count from the end. The gradient adds up where an element is picked several times.
 * @throws as `take`, and ShapeError for indices of another shape
 */
export function gather(x: Value, indices: Value, axis = 0): Value {
  checkValues("gather", x, indices);
  const place = axisOf("gather", x, axisReader("gather: axis", axis));
  checkCovered("gather", indices, x, place);
  const part = firstPart(x, shapeBut(indices.shape, place, x.shape));
  return gatherOperation.call({ x: part, indices }, { axis: place }).y;
}

export const scatterAddOperation = /* @__PURE__ */ define({
  name: "scatterAdd",
  inputs: ["x", "indices", "source"],
  otherTypes: ["x", "indices", "source"],
  attributes: { axis: 0 },
  options: indexOptions,
  isPositional: true,
  fit: ({ x }, { axis }) => ({ axis: axisOf("scatterAdd", x, axis) }),
  shape({ x, indices, source }, { axis }) {
    checkSum("scatterAdd", x);
    checkCovered("scatterAdd", indices, x, axis);
    checkIndices("scatterAdd", indices, x, axis);
    if (source.dataType !== x.dataType) {
      throw new ArgumentError(
        `scatterAdd: ${x.label} holds ${titleOfType(x.dataType)} and ${source.label} ${titleOfType(source.dataType)}; ` +
          `convert one of them, such as by cast(source, "${x.dataType}")`,
      );
    }
    const fits =
      source.shape.length === indices.shape.length && indices.shape.every((length, i) => length <= source.shape[i]!);
    if (!fits) {
      throw new ShapeError(
        `scatterAdd: wants a source at least as long as the indices along each axis; got ${formatValue(source)} and ` +
          formatValue(indices),
      );
    }
    return { y: { shape: x.shape, dataType: x.dataType } };
  },
  compose({ x, indices, source }, { axis }) {
    const dy = firstPart(source, indices.shape);
    const dx = gatherBackward(indices, dy, axis, x.shape[axis]!);
    const [starts, steps] = [x.shape.map(() => 0), x.shape.map(() => 1)];
    const isWhole = formatShape(dx.shape) === formatShape(x.shape);
    const added = isWhole ? dx : embedded(dx, { starts, steps, shape: x.shape });
    return { y: addOperation.apply({ a: x, b: added }).y };
  },
});

/**
 * x with elements of `source` added at indices along an axis, as PyTorch's scatter_add: of matrices with axis 1,
 * y[i, indices[i, j]] += source[i, j]. float32 or int32. Several for one place are added in the order of the axis, whatever the
 * number of threads. Indices are int32, with as many axes as x; negative ones count from the end.
 * @throws as `gather`, and ArgumentError for types that differ or cannot be added
 */
export function scatterAdd(x: Value, indices: Value, source: Value, axis = 0): Value {
  return scatterAddOperation.call({ x, indices, source }, { axis }).y;
}

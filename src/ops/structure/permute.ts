import { ShapeError, show } from "../../engine/index.js";
import { axisOf, checkValues, define, formatValue, type Value } from "../../graph/index.js";
import { axisReader, integersReader } from "./axes.js";

export const permuteOperation = /* @__PURE__ */ define({
  name: "permute",
  inputs: ["x"],
  otherTypes: ["x"],
  attributes: { axes: [] as readonly number[] },
  options: () => ({ axes: integersReader("the axes in their new order, such as [0, 2, 1]") }),
  isPositional: true,
  fit: ({ x }, { axes }) => ({ axes: axes.map((axis) => axisOf("permute", x, axis)) }),
  shape({ x }, { axes }) {
    if (axes.length !== x.shape.length || new Set(axes).size !== axes.length) {
      throw new ShapeError(
        `permute: wants each of the ${x.shape.length} axes of ${formatValue(x)} once, got ${show(axes)}`,
      );
    }
    return { y: { shape: axes.map((axis) => x.shape[axis]!), dataType: x.dataType } };
  },
  view: (strides, { attributes: { axes } }) => ({ offset: 0, strides: axes.map((axis) => strides[axis]!) }),
  gradient: ({ attributes: { axes }, upstreams: { y: dy } }) => ({
    x: permuted(
      dy,
      axes.map((_, axis) => axes.indexOf(axis)),
    ),
  }),
});

/** `permute` for axes that are known to be right. */
export function permuted(x: Value, axes: readonly number[]): Value {
  return permuteOperation.apply({ x }, { axes }).y;
}

/**
 * x with its axes in another order: axis i of the result is axis axes[i] of x. Nothing is moved until something wants it so.
 * Negative axes count from the last. Throws ShapeError unless each axis is named once.
 */
export function permute(x: Value, axes: readonly number[]): Value {
  return permuteOperation.call({ x }, { axes }).y;
}

/**
 * x with two of its axes in each other's place: of a matrix, or of many, the transposed. Negative axes count from the last.
 * Throws ShapeError for axes that x does not have.
 */
export function transpose(x: Value, axis0 = -2, axis1 = -1): Value {
  checkValues("transpose", x);
  const [first, second] = [
    axisOf("transpose", x, axisReader("transpose: axis0", axis0)),
    axisOf("transpose", x, axisReader("transpose: axis1", axis1)),
  ];
  const axes = x.shape.map((_, axis) => (axis === first ? second : axis === second ? first : axis));
  return permuted(x, axes);
}

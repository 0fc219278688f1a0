import { ShapeError, unread } from "../../engine/index.js";
import { arithmeticType } from "../arithmetic.js";
import { broadcastsTo } from "../broadcast.js";
import { broadcastStrides } from "../layout.js";
import { formatValue, type Value } from "../node.js";
import { define } from "../operation.js";
import { keptShape, overAxes, reducedShape } from "../reduce/axes.js";
import { checkShape, formatShape, type Shape } from "../shape.js";
import { reshaped } from "./reshape.js";

// The sum over axes and the repetition along them are each other's gradients.

export const sumOperation = /* @__PURE__ */ define({
  ...overAxes("sum"),
  otherTypes: ["x"],
  shape: ({ x }, { axes, keepDims }) => ({
    y: { shape: reducedShape(x.shape, axes, keepDims), dataType: arithmeticType("sum", { x }) },
  }),
  reduce: ({ inputs: { x }, attributes: { axes } }) => ({
    kind: arithmeticType("sum", { x }) === "i32" ? "sumOfIntegers" : "sum",
    axes,
  }),
  gradient: ({ inputs: { x }, attributes: { axes }, upstreams: { y: dy } }) => ({
    x: expanded(reshaped(dy, keptShape(x.shape, axes)), x.shape),
  }),
});

/** The same elements again and again along axes of length 1, and along new axes before the first. */
export const expandOperation = /* @__PURE__ */ define({
  name: "expand",
  inputs: ["x"],
  otherTypes: ["x"],
  attributes: { shape: [] as Shape },
  options: () => ({ shape: unread<Shape>() }),
  isPositional: true,
  fit: ({ x }, { shape }) => ({ shape: completed(x, shape) }),
  shape({ x }, { shape }) {
    if (!broadcastsTo(x.shape, checkShape("expand", shape))) {
      throw new ShapeError(
        `expand: ${formatValue(x)} does not expand to ${formatShape(shape)}: only axes of length 1 are repeated, and ` +
          "new axes come first",
      );
    }
    return { y: { shape, dataType: x.dataType } };
  },
  view: (strides, { inputs: { x }, outputs: { y } }) => ({
    offset: 0,
    strides: broadcastStrides(x.shape, strides, y.shape),
  }),
  gradient: ({ inputs: { x }, upstreams: { y: dy } }) => ({ x: sumTo(dy, x.shape) }),
});

/** A shape in which −1 stands for the length that x has. */
function completed(x: Value, shape: Shape): Shape {
  if (!Array.isArray(shape)) return shape;
  const missing = shape.length - x.shape.length;
  return Array.from(shape as Shape, (length, axis) => (length === -1 ? (x.shape[axis - missing] ?? length) : length));
}

/** x repeated to a shape; x itself if it has that. */
export function expanded(x: Value, shape: Shape): Value {
  return formatShape(x.shape) === formatShape(shape) ? x : expandOperation.apply({ x }, { shape }).y;
}

/** The sum of x over the axes along which a value of `shape` was repeated to be as x is; x itself if there are none. */
export function sumTo(x: Value, shape: Shape): Value {
  const missing = x.shape.length - shape.length;
  const axes = x.shape.flatMap((length, axis) => {
    return axis < missing || (shape[axis - missing] === 1 && length !== 1) ? [axis] : [];
  });
  if (axes.length === 0) return x;
  return reshaped(sumOperation.apply({ x }, { axes, keepDims: false }).y, shape);
}

import { ShapeError, unread } from "../../engine/index.js";
import { reshapedStrides } from "../layout.js";
import { formatValue, type Value } from "../node.js";
import { define } from "../operation.js";
import { checkShape, formatShape, type Shape, sizeOf } from "../shape.js";

/** The same elements in the same order under another shape: where strides allow, where they lie. */
export const reshapeOperation = /* @__PURE__ */ define({
  name: "reshape",
  inputs: ["x"],
  otherTypes: ["x"],
  attributes: { shape: [] as Shape },
  options: () => ({ shape: unread<Shape>() }),
  isPositional: true,
  fit: ({ x }, { shape }) => ({ shape: completed(x, shape) }),
  shape({ x }, { shape }) {
    if (sizeOf(checkShape("reshape", shape)) !== x.size) {
      throw new ShapeError(
        `reshape: ${formatValue(x)} has ${x.size} elements, the shape wanted is ${formatShape(shape)}`,
      );
    }
    return { y: { shape, dataType: x.dataType } };
  },
  view: (strides, { inputs: { x }, outputs: { y } }) => {
    const found = reshapedStrides(x.shape, strides, y.shape);
    return found && { offset: 0, strides: found };
  },
  gradient: ({ inputs: { x }, upstreams: { y: dy } }) => ({ x: reshaped(dy, x.shape) }),
});

/** A shape in which −1 stands for what is left of the elements of x. */
function completed({ size }: Value, shape: Shape): Shape {
  if (!Array.isArray(shape)) return shape;
  const rest = (shape as Shape).filter((length) => length !== -1);
  // What is no shape is refused where the operation's shape is made.
  const known = rest.every(Number.isInteger) ? sizeOf(rest) : 0;
  if (rest.length !== shape.length - 1 || !(known > 0) || size % known !== 0) return shape as Shape;
  return (shape as Shape).map((length) => (length === -1 ? size / known : length));
}

/** x under another shape; x itself if it has that shape. */
export function reshaped(x: Value, shape: Shape): Value {
  return formatShape(x.shape) === formatShape(shape) ? x : reshapeOperation.apply({ x }, { shape }).y;
}

import { ShapeError, unread } from "../engine/index.js";
import {
  checkShape,
  checkValues,
  define,
  formatShape,
  formatValue,
  reshapedStrides,
  type Shape,
  sizeOf,
  type Value,
} from "../graph/index.js";

export const reshapeOperation = /* @__PURE__ */ define({
  name: "reshape",
  inputs: ["x"],
  otherTypes: ["x"],
  attributes: { shape: [] as Shape },
  options: () => ({ shape: unread<Shape>() }),
  isPositional: true,
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
  gradient: ({ inputs: { x }, upstreams: { y: dy } }) => ({ x: reshape(dy, x.shape) }),
});

/** x under another shape with as many elements, in the same memory. Throws ShapeError if the numbers differ. */
export function reshape(x: Value, shape: Shape): Value {
  return reshapeOperation.call({ x }, { shape }).y;
}

/** [B, …] → [B, product of the rest]. Throws ShapeError for a value without axes. */
export function flatten(x: Value): Value {
  checkValues("flatten", x);
  const [batch, ...rest] = x.shape;
  if (batch === undefined) throw new ShapeError(`flatten: ${x.label} has no axes, wants at least one`);
  return reshape(x, [batch, sizeOf(rest)]);
}

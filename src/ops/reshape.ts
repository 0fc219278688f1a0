import { ShapeError } from "../engine/index.js";
import {
  checkShape,
  checkValues,
  formatShape,
  formatValue,
  type Operation,
  type Shape,
  sizeOf,
  type Value,
} from "../graph/index.js";

export const reshapeOperation: Operation<undefined, undefined> = {
  name: "reshape",
  takesIntegers: true,
  isView: true,
  forward: () => undefined,
  backward(emit, { inputs: [x] }, _saved, dy) {
    emit.pass(x!, dy);
  },
};

/** x under another shape with as many elements, in the same memory. Throws ShapeError if the numbers differ. */
export function reshape(x: Value, shape: Shape): Value {
  checkValues("reshape", x);
  if (sizeOf(checkShape("reshape", shape)) !== x.size) {
    throw new ShapeError(
      `reshape: ${formatValue(x)} has ${x.size} elements, the shape wanted is ${formatShape(shape)}`,
    );
  }
  return x.graph.apply(reshapeOperation, [x], undefined, shape, x.dataType);
}

/** [B, …] → [B, product of the rest]. Throws ShapeError for a value without axes. */
export function flatten(x: Value): Value {
  checkValues("flatten", x);
  const [batch, ...rest] = x.shape;
  if (batch === undefined) throw new ShapeError(`flatten: ${x.label} has no axes, wants at least one`);
  return reshape(x, [batch, sizeOf(rest)]);
}

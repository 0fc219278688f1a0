import { define, keptShape, overAxes, reducedShape, reshaped, sizeOf, type Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { concat } from "../structure/concat.js";
import { multiply } from "../elementwise/multiply.js";
import { permute } from "../structure/permute.js";
import { slice } from "../structure/slice.js";
import { type ReductionOptions, sum } from "./sum.js";

export const prodOperation = /* @__PURE__ */ define({
  ...overAxes("prod"),
  reduce: ({ attributes: { axes } }) => ({ kind: "product", axes }),
  // A tree of products, whose gradients are right where elements are 0.
  compose({ x }, { axes, keepDims }) {
    const others = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
    const lengths = others.map((axis) => x.shape[axis]!);
    const result = reducedShape(x.shape, axes, keepDims);
    let rows = sizeOf(keptShape(x.shape, others));
    let y = reshaped(permute(x, [...axes, ...others]), [rows, ...lengths]);
    // Of nothing it is 1, whatever is added to that.
    if (rows === 0) return { y: add(sum(x, { axes, keepDims }), 1) };
    while (rows > 1) {
      const half = Math.floor(rows / 2);
      const product = multiply(slice(y, [[0, half]]), slice(y, [[half, 2 * half]]));
      y = rows % 2 === 0 ? product : concat([product, slice(y, [[2 * half]])]);
      rows = rows - half;
    }
    return { y: reshaped(y, result) };
  },
});

/**
 * The product over some axes, by default all; 1 of no elements. The gradient of each element is the product of the others, also
 * where some are 0.
 * @throws ShapeError for axes that x does not have, ArgumentError for integers
 */
export function prod(x: Value, options: ReductionOptions = {}): Value {
  return prodOperation.call({ x }, options).y;
}

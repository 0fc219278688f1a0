import { integerFrom, mostLength, optional, ShapeError } from "../../engine/index.js";
import { define, formatValue, type Operation, type Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { greaterEqual, lessEqual } from "../elementwise/comparisons.js";
import { logicalAnd } from "../elementwise/logical.js";
import { where } from "../elementwise/where.js";
import { carrying } from "../publicFunction.js";
import { unsqueezed } from "./squeeze.js";

/** An operation that keeps the elements of matrices on one side of a diagonal. */
function triangle(name: string, isKept: (column: Value, diagonal: Value) => Value): Operation<"x", object, "y"> {
  return define({
    name,
    inputs: ["x"],
    otherTypes: ["x"],
    attributes: { diagonal: 0 },
    options: () => ({ diagonal: optional(integerFrom(-mostLength, mostLength), 0) }),
    isPositional: true,
    shape({ x: { shape, dataType }, x }) {
      if (shape.length < 2) throw new ShapeError(`${name}: wants matrices, got ${formatValue(x)}`);
      return { y: { shape, dataType } };
    },
    compose({ x }, { diagonal }) {
      const [rows, columns] = x.shape.slice(-2) as [number, number];
      const mask = isKept(x.graph.iota(columns), add(unsqueezed(x.graph.iota(rows), 1), diagonal));
      return { y: x.dataType === "bool" ? logicalAnd(x, mask) : where(mask, x, 0) };
    },
  });
}

const positional = (operation: Operation<"x", object, "y">): ((x: Value, diagonal?: number) => Value) =>
  carrying(operation, (x: Value, diagonal?: number): Value => operation.call({ x }, { diagonal }).y);

/**
 * The lower triangles of matrices: x [..., M, N] with 0 above a diagonal, 0 being the main one and positive ones above it. Any type.
 * @throws ShapeError for fewer than two axes, ArgumentError for a diagonal that is no integer
 */
export const tril = /* @__PURE__ */ positional(/* @__PURE__ */ triangle("tril", lessEqual));

/** The upper triangles of matrices: x [..., M, N] with 0 below a diagonal. All else as `tril`. */
export const triu = /* @__PURE__ */ positional(/* @__PURE__ */ triangle("triu", greaterEqual));

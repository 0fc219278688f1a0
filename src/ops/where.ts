import { ArgumentError } from "../engine/index.js";
import {
  broadcastShape,
  checkValues,
  define,
  isFloating,
  type Numeric,
  numericOperands,
  type Specification,
  sumTo,
  titleOfType,
  type Value,
} from "../graph/index.js";

export const whereOperation = /* @__PURE__ */ define({
  name: "where",
  inputs: ["condition", "a", "b"],
  otherTypes: ["condition", "a", "b"],
  shape: ({ condition, a, b }) => ({ y: chosen(condition, a, b) }),
  pointwise: ({ inputs: { condition, a, b } }) => ({ name: "select", operands: [condition, a, b] }),
  gradient: ({ inputs: { condition, a, b }, upstreams: { y: dy } }) => ({
    a: sumTo(where(condition, dy, 0), a.shape),
    b: sumTo(where(condition, 0, dy), b.shape),
  }),
});

function chosen(condition: Value, a: Value, b: Value): Specification {
  if (condition.dataType !== "bool") {
    throw new ArgumentError(
      `where: condition must hold truth values, as comparisons give them; ${condition.label} holds ` +
        titleOfType(condition.dataType),
    );
  }
  const type = isFloating(a.dataType) && isFloating(b.dataType) ? "f32" : a.dataType;
  if (type !== "f32" && a.dataType !== b.dataType) {
    throw new ArgumentError(
      `where: a and b must be of one type; ${a.label} holds ${titleOfType(a.dataType)} and ${b.label} ` +
        titleOfType(b.dataType),
    );
  }
  return { shape: broadcastShape("where", { condition, a, b }), dataType: type };
}

/**
 * a where the condition is true, else b; all three broadcast to each other, and one of a and b may be a number.
 * @param condition truth values
 * @throws ShapeError if they do not broadcast, ArgumentError for a condition of another type, and for a and b of two types
 */
export function where(condition: Value, a: Numeric, b: Numeric): Value {
  checkValues("where", condition);
  const operands =
    typeof a === "number" && typeof b === "number"
      ? { a: condition.graph.constant([], a), b: condition.graph.constant([], b) }
      : numericOperands("where", { a, b });
  return whereOperation.call({ condition, ...operands }).y;
}

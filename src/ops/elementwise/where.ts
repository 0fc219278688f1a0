import { ArgumentError } from "../../engine/index.js";
import {
  arithmeticType,
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
} from "../../graph/index.js";

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
  // Bytes and truth values that are chosen between stay what they are.
  const isSame = a.dataType === b.dataType && !isFloating(a.dataType);
  const dataType = isSame ? a.dataType : arithmeticType("where", { a, b });
  return { shape: broadcastShape("where", { condition, a, b }), dataType };
}

/**
 * a where the condition is true, else b; all three broadcast to each other, and one of a and b may be a number.
 * @param condition truth values
 * @throws ShapeError if they do not broadcast, ArgumentError for a condition of another type, and for a and b that do not mix
 */
export function where(condition: Value, a: Numeric, b: Numeric): Value {
  checkValues("where", condition);
  const operands =
    typeof a === "number" && typeof b === "number"
      ? { a: condition.graph.constant([], a), b: condition.graph.constant([], b) }
      : numericOperands("where", { a, b });
  return whereOperation.call({ condition, ...operands }).y;
}

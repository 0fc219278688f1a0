import { ArgumentError } from "../../engine/index.js";
import {
  broadcastShape,
  define,
  type Operation,
  type Specification,
  titleOfType,
  type Value,
} from "../../graph/index.js";

/** The result of an operation of truth values. Throws ArgumentError for others. */
function truth(operation: string, values: Readonly<Record<string, Value>>): Specification {
  for (const { label, dataType } of Object.values(values)) {
    if (dataType === "bool") continue;
    throw new ArgumentError(
      `${operation}: wants truth values, as comparisons give them; ${label} holds ${titleOfType(dataType)}. Write ` +
        `cast(x, "bool") for those that are not 0`,
    );
  }
  return { shape: broadcastShape(operation, values), dataType: "bool" };
}

function connective(name: string, instruction: "and" | "or" | "xor"): Operation<"a" | "b", object, "y"> {
  return define({
    name,
    inputs: ["a", "b"],
    otherTypes: ["a", "b"],
    isConstant: true,
    shape: ({ a, b }) => ({ y: truth(name, { a, b }) }),
    pointwise: ({ inputs: { a, b } }) => ({ name: instruction, operands: [a, b] }),
  });
}

export const logicalAndOperation = /* @__PURE__ */ connective("logicalAnd", "and");
export const logicalOrOperation = /* @__PURE__ */ connective("logicalOr", "or");
export const logicalXorOperation = /* @__PURE__ */ connective("logicalXor", "xor");
export const logicalNotOperation = /* @__PURE__ */ define({
  name: "logicalNot",
  inputs: ["x"],
  otherTypes: ["x"],
  isConstant: true,
  shape: ({ x }) => ({ y: truth("logicalNot", { x }) }),
  pointwise: ({ inputs: { x } }) => ({ name: "not", operands: [x] }),
});

/** a and b, of truth values that broadcast. Throws ArgumentError for others, ShapeError if they do not broadcast. */
export function logicalAnd(a: Value, b: Value): Value {
  return logicalAndOperation.call({ a, b }).y;
}

/** a or b, of truth values that broadcast. Throws ArgumentError for others, ShapeError if they do not broadcast. */
export function logicalOr(a: Value, b: Value): Value {
  return logicalOrOperation.call({ a, b }).y;
}

/** Whether one of two truth values is true and the other is not. Throws as `logicalAnd` does. */
export function logicalXor(a: Value, b: Value): Value {
  return logicalXorOperation.call({ a, b }).y;
}

/** The opposites of truth values. Throws ArgumentError for others. */
export function logicalNot(x: Value): Value {
  return logicalNotOperation.call({ x }).y;
}

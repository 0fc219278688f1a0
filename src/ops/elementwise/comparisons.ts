import { ArgumentError } from "../../engine/index.js";
import {
  broadcastShape,
  define,
  type InstructionName,
  isFloating,
  type Operation,
  type Specification,
  titleOfType,
  type Value,
} from "../../graph/index.js";
import { binaryFunction } from "../publicFunction.js";
import { unaryFunction } from "../publicFunction.js";

// Comparisons of values that broadcast, floating-point ones with each other and integers with each other. They are constant almost
// everywhere: nothing flows back through them.

/** A comparison: an instruction for float32 and one for 32-bit integers, whose operands may be exchanged. */
function comparison(
  name: string,
  [floats, integers]: readonly [InstructionName, InstructionName],
  { isExchanged = false, takesTruth = false } = {},
): Operation<"a" | "b", object, "y"> {
  return define({
    name,
    inputs: ["a", "b"],
    otherTypes: ["a", "b"],
    isConstant: true,
    shape: ({ a, b }) => ({ y: comparedTo(name, a, b, takesTruth) }),
    pointwise: ({ inputs: { a, b } }) => ({
      name: isFloating(a.dataType) ? floats : integers,
      operands: isExchanged ? [b, a] : [a, b],
    }),
  });
}

function comparedTo(operation: string, a: Value, b: Value, takesTruth: boolean): Specification {
  const kinds = [a, b].map(({ dataType }) => (isFloating(dataType) ? "f32" : dataType === "bool" ? "bool" : "i32"));
  if (kinds[0] !== kinds[1] || (kinds[0] === "bool" && !takesTruth)) {
    throw new ArgumentError(
      `${operation}: ${a.label} holds ${titleOfType(a.dataType)} and ${b.label} ${titleOfType(b.dataType)}; numbers are ` +
        `compared with numbers of one kind: convert them by cast(x, "f32") or cast(x, "i32")`,
    );
  }
  return { shape: broadcastShape(operation, { a, b }), dataType: "bool" };
}

export const equalOperation = /* @__PURE__ */ comparison("equal", ["equal", "equalIntegers"], { takesTruth: true });
export const notEqualOperation = /* @__PURE__ */ comparison("notEqual", ["notEqual", "notEqualIntegers"], {
  takesTruth: true,
});
export const lessOperation = /* @__PURE__ */ comparison("less", ["less", "lessIntegers"]);
export const lessEqualOperation = /* @__PURE__ */ comparison("lessEqual", ["lessEqual", "lessEqualIntegers"]);
export const greaterOperation = /* @__PURE__ */ comparison("greater", ["less", "lessIntegers"], { isExchanged: true });
export const greaterEqualOperation = /* @__PURE__ */ comparison("greaterEqual", ["lessEqual", "lessEqualIntegers"], {
  isExchanged: true,
});

/** Whether a = b, elementwise and broadcast: truth values. NaN equals nothing. Has no gradient. Throws as `less` does. */
export const equal = /* @__PURE__ */ binaryFunction(equalOperation);

/** Whether a ≠ b, elementwise and broadcast: truth values. Has no gradient. Throws as `less` does. */
export const notEqual = /* @__PURE__ */ binaryFunction(notEqualOperation);

/**
 * Whether a < b, elementwise and broadcast: truth values; one may be a number. False for NaN. Has no gradient.
 * @throws ShapeError if they do not broadcast, ArgumentError for floating-point numbers with integers
 */
export const less = /* @__PURE__ */ binaryFunction(lessOperation);

/** Whether a ≤ b, elementwise and broadcast: truth values. False for NaN. Has no gradient. Throws as `less` does. */
export const lessEqual = /* @__PURE__ */ binaryFunction(lessEqualOperation);

/** Whether a > b, elementwise and broadcast: truth values. False for NaN. Has no gradient. Throws as `less` does. */
export const greater = /* @__PURE__ */ binaryFunction(greaterOperation);

/** Whether a ≥ b, elementwise and broadcast: truth values. False for NaN. Has no gradient. Throws as `less` does. */
export const greaterEqual = /* @__PURE__ */ binaryFunction(greaterEqualOperation);

/** Whether x is NaN, elementwise: truth values; any shape. Has no gradient. */
export const isNaN = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ define({
    name: "isNaN",
    inputs: ["x"],
    isConstant: true,
    shape: ({ x: { shape } }) => ({ y: { shape, dataType: "bool" } }),
    pointwise: ({ inputs: { x } }) => ({ name: "notEqual", operands: [x, x] }),
  }),
);

/** Whether x is neither NaN nor infinite, elementwise: truth values; any shape. Has no gradient. */
export const isFinite = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ define({
    name: "isFinite",
    inputs: ["x"],
    isConstant: true,
    shape: ({ x: { shape } }) => ({ y: { shape, dataType: "bool" } }),
    pointwise: ({ inputs: { x } }) => ({ name: "isFinite", operands: [x] }),
  }),
);

import { arithmeticOperation, type Operation } from "../../graph/index.js";
import { binaryFunction } from "../publicFunction.js";

export const multiplyOperation: Operation<"a" | "b", object, "y"> = /* @__PURE__ */ arithmeticOperation("multiply", {
  floats: "multiply",
  integers: "multiplyIntegers",
  gradient: ({ a, b, dy }) => ({ a: multiply(dy, b), b: multiply(dy, a) }),
});

/**
 * a·b elementwise, broadcast to each other as NumPy has it; one may be a number. float32, or int32 modulo 2³². da = dy·b, db = dy·a.
 * @throws ShapeError if they do not broadcast, ArgumentError for types that do not mix
 */
export const multiply = /* @__PURE__ */ binaryFunction(multiplyOperation);

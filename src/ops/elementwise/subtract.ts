import { arithmeticOperation } from "../../graph/index.js";
import { binaryFunction } from "../publicFunction.js";
import { scale } from "./scale.js";

export const subtractOperation = /* @__PURE__ */ arithmeticOperation("subtract", {
  floats: "subtract",
  integers: "subtractIntegers",
  gradient: ({ dy }) => ({ a: dy, b: scale(dy, -1) }),
});

/**
 * a − b elementwise, broadcast to each other as NumPy has it; one may be a number. float32, or int32 modulo 2³².
 * @throws ShapeError if they do not broadcast, ArgumentError for types that do not mix
 */
export const subtract = /* @__PURE__ */ binaryFunction(subtractOperation);

import { arithmeticOperation } from "../../graph/index.js";
import { binaryFunction } from "../publicFunction.js";
import { negate } from "./magnitude.js";
import { multiply } from "./multiply.js";

export const floorDivideOperation = /* @__PURE__ */ arithmeticOperation("floorDivide", {
  floats: "floorDivide",
  integers: "floorDivideIntegers",
  isExpensive: true,
});

export const remainderOperation = /* @__PURE__ */ arithmeticOperation("remainder", {
  floats: "remainder",
  integers: "remainderIntegers",
  isExpensive: true,
  gradient: ({ a, b, dy }) => ({ a: dy, b: negate(multiply(dy, floorDivide(a, b))) }),
});

/**
 * ⌊a/b⌋ elementwise, as // in Python, broadcast to each other as NumPy has it; one may be a number. float32, or int32, of which
 * division by 0 gives 0. The gradient is 0.
 * @throws ShapeError if they do not broadcast, ArgumentError for types that do not mix
 */
export const floorDivide = /* @__PURE__ */ binaryFunction(floorDivideOperation);

/**
 * a − b·⌊a/b⌋ elementwise, exactly, broadcast to each other as NumPy has it; one may be a number. It has the sign of b, as % in
 * Python. float32, or int32, of which division by 0 gives 0. da = dy, db = −dy·⌊a/b⌋.
 * @throws ShapeError if they do not broadcast, ArgumentError for types that do not mix
 */
export const remainder = /* @__PURE__ */ binaryFunction(remainderOperation);

import { arithmeticOperation, type Operation } from "../../graph/index.js";
import { binaryFunction } from "../publicFunction.js";
import { multiply } from "./multiply.js";
import { scale } from "./scale.js";

export const divideOperation: Operation<"a" | "b", object, "y"> = /* @__PURE__ */ arithmeticOperation("divide", {
  floats: "divide",
  gradient({ b, y, dy }) {
    const da = divide(dy, b);
    return { a: da, b: scale(multiply(da, y), -1) };
  },
});

/**
 * a/b elementwise, of float32, broadcast to each other as NumPy has it; one may be a number. da = dy/b, db = −dy·y/b.
 * @throws ShapeError if they do not broadcast, ArgumentError for integers
 */
export const divide = /* @__PURE__ */ binaryFunction(divideOperation);

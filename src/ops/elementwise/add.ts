import { addOperation } from "../../graph/index.js";
import { binaryFunction } from "../publicFunction.js";

/**
 * a + b elementwise, broadcast to each other as NumPy has it; one may be a number. float32, or int32 modulo 2³².
 * @throws ShapeError if they do not broadcast, ArgumentError for types that do not mix
 */
export const add = /* @__PURE__ */ binaryFunction(addOperation);

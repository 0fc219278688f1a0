import { addOperation, type Numeric, numericOperands, type Value } from "../graph/index.js";

/**
 * a + b elementwise, broadcast to each other as NumPy has it; one may be a number. float32, or int32 modulo 2³².
 * @throws ShapeError if they do not broadcast, ArgumentError for types that do not mix
 */
export function add(a: Numeric, b: Numeric): Value {
  return addOperation.call(numericOperands("add", { a, b })).y;
}

import { type AnyOperation, type Numeric, numericOperands, type Operation, type Value } from "../graph/index.js";

/**
 * A public function that carries its definition as a property that its type does not show, and is called as that is. So the two
 * may be one export, and the operation is found all the same by whoever wants them all.
 */
export function carrying<F extends object>(operation: AnyOperation, f: F): F {
  return Object.defineProperties(f, { name: { value: operation.name }, operation: { value: operation } });
}

/** The definition that a public function carries. */
export function operationOf(f: object): AnyOperation {
  return (f as { readonly operation: AnyOperation }).operation;
}

/** The public function of an operation of one value. */
export function unaryFunction(operation: Operation<"x", object, "y">): (x: Value) => Value {
  return carrying(operation, (x: Value): Value => operation.call({ x }).y);
}

/** The public function of an operation of two values, of which one may be a number. */
export function binaryFunction(operation: Operation<"a" | "b", object, "y">): (a: Numeric, b: Numeric) => Value {
  const { name } = operation;
  return carrying(operation, (a: Numeric, b: Numeric): Value => operation.call(numericOperands(name, { a, b })).y);
}

/** The public function of an operation of one value, with options that may be left out. */
export function functionWithOptions(operation: Operation<"x", object, "y">): (x: Value, options?: object) => Value {
  return carrying(operation, (x: Value, options?: object): Value => operation.call({ x }, options).y);
}

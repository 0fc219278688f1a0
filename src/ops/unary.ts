import { multiplyOperation } from "./multiply.js";
import { define, type Operation, type Value } from "../graph/index.js";

/** Instructions y = f(x). */
type UnaryInstruction = "exp" | "log" | "erf" | "sigmoid" | "tanh" | "log1p" | "expm1" | "sin" | "cos";
export type Unary = Operation<"x", object, "y">;

/** The operation of an instruction of its name. `gradient` gives dx from x, y and dy. */
export function unaryOperation(
  name: UnaryInstruction,
  gradient: (values: { readonly x: Value; readonly y: Value; readonly dy: Value }) => Value,
): Unary {
  return define({
    name,
    inputs: ["x"],
    shape: ({ x }) => ({ y: x.shape }),
    pointwise: ({ inputs: { x } }) => ({ name, operands: [x] }),
    isExpensive: true,
    gradient: ({ inputs: { x }, outputs: { y }, upstreams: { y: dy } }) => ({ x: gradient({ x, y, dy }) }),
  });
}

/** Instructions dx = dy·f′, with f′ from a: the output y of f, or its input x. */
type UnaryBackwardInstruction = "erfBackward" | "sigmoidBackward" | "tanhBackward";

/**
 * The operation of the backward instruction of an elementwise function. It is linear in dy.
 * @param slope the gradient of a, given a and u·dy with u the upstream gradient: u·dy·df′/da
 */
export function unaryBackwardOperation(
  name: UnaryBackwardInstruction,
  slope: (a: Value, product: Value) => Value,
): Operation<"a" | "dy", object, "dx"> {
  const operation: Operation<"a" | "dy", object, "dx"> = define({
    name,
    inputs: ["a", "dy"],
    outputs: ["dx"],
    shape: ({ a }) => ({ dx: a.shape }),
    pointwise: ({ inputs: { a, dy } }) => ({ name, operands: [a, dy] }),
    isExpensive: name === "erfBackward",
    gradient: ({ inputs: { a, dy }, upstreams: { dx: upstream } }) => ({
      dy: operation.apply({ a, dy: upstream }).dx,
      a: slope(a, multiplyOperation.apply({ a: upstream, b: dy }).y),
    }),
  });
  return operation;
}

/** The same for a function that costs no more than reading and writing an element. */
export function cheapOperation(
  name: "sqrt" | "rsqrt" | "reciprocal",
  gradient: (values: { readonly x: Value; readonly y: Value; readonly dy: Value }) => Value,
): Unary {
  return define({
    name,
    inputs: ["x"],
    shape: ({ x }) => ({ y: x.shape }),
    pointwise: ({ inputs: { x } }) => ({ name, operands: [x] }),
    gradient: ({ inputs: { x }, outputs: { y }, upstreams: { y: dy } }) => ({ x: gradient({ x, y, dy }) }),
  });
}

/**
 * The public function of an operation of one value, called as the operation is. It carries its definition as a property that
 * its type does not show: so the two may be one export, and the operation is found all the same by whoever wants them all.
 */
export function unaryFunction(operation: Unary): (x: Value) => Value {
  const properties = { name: { value: operation.name }, operation: { value: operation } };
  return Object.defineProperties((x: Value): Value => operation.call({ x }).y, properties);
}

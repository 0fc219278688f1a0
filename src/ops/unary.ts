import { multiplyOperation } from "./multiply.js";
import { define, type Operation, type Value } from "../graph/index.js";

/** Kernels y = f(x). */
type UnaryKernel = "exp" | "log" | "erf" | "sigmoid" | "tanh";
export type Unary = Operation<"x", object, "y">;

/** The operation of an elementwise kernel. `gradient` gives dx from x, y and dy. */
export function unaryOperation(
  name: UnaryKernel,
  gradient: (values: { readonly x: Value; readonly y: Value; readonly dy: Value }) => Value,
): Unary {
  return define({
    name,
    inputs: ["x"],
    shape: ({ x }) => ({ y: x.shape }),
    lower: (emit, { inputs: { x }, outputs: { y } }) => emit.record(name, { x, y, count: y.size }),
    gradient: ({ inputs: { x }, outputs: { y }, upstreams: { y: dy } }) => ({ x: gradient({ x, y, dy }) }),
  });
}

/** Kernels dx = dy·f′, with f′ from a: the output y of f, or its input x. */
type UnaryBackwardKernel = "erfBackward" | "sigmoidBackward" | "tanhBackward";

/**
 * The operation of the backward kernel of an elementwise function. It is linear in dy.
 * @param slope the gradient of a, given a and u·dy with u the upstream gradient: u·dy·df′/da
 */
export function unaryBackwardOperation(
  name: UnaryBackwardKernel,
  slope: (a: Value, product: Value) => Value,
): Operation<"a" | "dy", object, "dx"> {
  const operation: Operation<"a" | "dy", object, "dx"> = define({
    name,
    inputs: ["a", "dy"],
    outputs: ["dx"],
    shape: ({ a }) => ({ dx: a.shape }),
    lower: (emit, { inputs: { a, dy }, outputs: { dx } }) =>
      name === "erfBackward"
        ? emit.record(name, { x: a, dy, dx, count: dx.size })
        : emit.record(name, { y: a, dy, dx, count: dx.size }),
    gradient: ({ inputs: { a, dy }, upstreams: { dx: upstream } }) => ({
      dy: operation.apply({ a, dy: upstream }).dx,
      a: slope(a, multiplyOperation.apply({ a: upstream, b: dy }).y),
    }),
  });
  return operation;
}

/**
 * The public function of an operation of one value, called as the operation is. It carries its definition as a property that
 * its type does not show: so the two may be one export, and the operation is found all the same by whoever wants them all.
 */
export function unaryFunction(operation: Unary): (x: Value) => Value {
  const properties = { name: { value: operation.name }, operation: { value: operation } };
  return Object.defineProperties((x: Value): Value => operation.call({ x }).y, properties);
}

import { multiplyOperation } from "./multiply.js";
import { define, type InstructionName, type Operation, type Value } from "../../graph/index.js";

export type Unary = Operation<"x", object, "y">;

/** What is known of a function beyond its instruction. */
interface UnaryTraits {
  /** dx from x, y and dy. Undefined: it is 0 wherever there is one. */
  readonly gradient?: (values: { readonly x: Value; readonly y: Value; readonly dy: Value }) => Value;
  /** Whether an element costs more than reading and writing it. Default false. */
  readonly isExpensive?: boolean;
}

/** The operation of an instruction of its name. */
export function unaryOperation(name: InstructionName, { gradient, isExpensive = false }: UnaryTraits = {}): Unary {
  return define({
    ...{ name, inputs: ["x"], isExpensive, isConstant: gradient === undefined },
    shape: ({ x }) => ({ y: x.shape }),
    pointwise: ({ inputs: { x } }) => ({ name, operands: [x] }),
    ...(gradient && {
      gradient: ({ inputs: { x }, outputs: { y }, upstreams: { y: dy } }) => ({ x: gradient({ x, y, dy }) }),
    }),
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

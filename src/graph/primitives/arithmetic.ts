import type { InstructionName } from "../../engine/index.js";
import { arithmeticResult, floatResult, isInteger } from "../arithmetic.js";
import type { Value } from "../node.js";
import { define, type Operation } from "../operation.js";
import { sumTo } from "./sumAndExpand.js";

/** What an operation of two numbers is made of. */
interface Arithmetic {
  readonly floats: InstructionName;
  /** Undefined: it has none of integers. */
  readonly integers?: InstructionName;
  /** The gradients, before they are summed over the axes along which a or b is repeated. Undefined: they are 0. */
  readonly gradient?: (values: { readonly a: Value; readonly b: Value; readonly y: Value; readonly dy: Value }) => {
    readonly a: Value;
    readonly b: Value;
  };
  readonly isExpensive?: boolean;
}

/** An elementwise operation of two values that broadcast: of floating-point numbers with each other, or of integers. */
export function arithmeticOperation(
  name: string,
  { floats, integers, gradient, isExpensive = false }: Arithmetic,
): Operation<"a" | "b", object, "y"> {
  return define({
    ...{ name, inputs: ["a", "b"], otherTypes: ["a", "b"], isExpensive, isConstant: gradient === undefined },
    shape: ({ a, b }) => ({ y: (integers ? arithmeticResult : floatResult)(name, { a, b }) }),
    pointwise: ({ inputs: { a, b } }) => ({ name: integers && isInteger(a) ? integers : floats, operands: [a, b] }),
    ...(gradient && {
      gradient({ inputs: { a, b }, outputs: { y }, upstreams: { y: dy } }) {
        const whole = gradient({ a, b, y, dy });
        return { a: sumTo(whole.a, a.shape), b: sumTo(whole.b, b.shape) };
      },
    }),
  });
}

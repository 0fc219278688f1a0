import {
  ArgumentError,
  checkInteger,
  type Engine,
  flag,
  optional,
  type Reader,
  readOptions,
  ShapeError,
  show,
  type Tensor,
} from "../engine/index.js";
import { checkReturned, type FunctionOptions } from "./compile.js";
import { formatValue, type Value } from "./node.js";
import { callable, checkFloats, type DisposableFunction, type FunctionArguments, tensorOf } from "./tracedFunction.js";

export interface GradientOptions extends FunctionOptions {
  /** Positions of the arguments whose gradients are wanted, from 0. Default: all but integers. */
  readonly withRespectTo?: readonly number[];
}

export interface ValueAndGradient {
  readonly value: number;
  /** For each argument of `withRespectTo`, in its order, its gradient: of its shape. */
  readonly gradients: readonly Tensor[];
}

/** A function of numbers that computes a function of values, and its gradients. */
export type GradientFunction<Parameters extends readonly Value[]> = ((
  ...given: FunctionArguments<Parameters>
) => ValueAndGradient) &
  DisposableFunction;

/**
 * As `compile`, for a function of values that returns a single number, such as a loss: calls return it with its gradients.
 * @param f takes a Value for each argument and returns one of shape [1]
 * @throws ArgumentError for what is no engine, no function, and for options that are none. Calls throw what those of a compiled
 *   function do; ShapeError if `f` returns more than one number; StateError for an argument that it does not depend on
 */
export function valueAndGradient<Parameters extends Value[]>(
  engine: Engine,
  f: (...inputs: Parameters) => Value,
  options: GradientOptions = {},
): GradientFunction<Parameters> {
  const { fuse, withRespectTo: positions } = readOptions("valueAndGradient", options, {
    fuse: optional(flag, true),
    withRespectTo: optional(positionsOption),
  });
  return callable("valueAndGradient", engine, f, (returned, inputs, graph) => {
    const value = checkReturned("valueAndGradient", returned, graph);
    checkFloats(value, `valueAndGradient: ${value.label}`);
    if (value.size !== 1) {
      throw new ShapeError(
        `valueAndGradient: the function must return one number, got ${formatValue(value)}; take a mean or a sum of it`,
      );
    }
    const gradients = chosen(positions, inputs);
    return {
      options: { outputs: [value], backward: { from: value }, gradients, fuse },
      read: (program) => ({
        value: program.readScalar(value),
        gradients: gradients.map((input) => tensorOf(input, program.readGradient(input))),
      }),
    };
  });
}

const positionsOption: Reader<readonly number[]> = (name, given) => {
  if (!Array.isArray(given) || given.length === 0) {
    throw new ArgumentError(`${name} must be positions of arguments such as [0, 1], got ${show(given)}`);
  }
  return given.map((position: number) => checkInteger(name, position, 0));
};

function chosen(positions: readonly number[] | undefined, inputs: readonly Value[]): readonly Value[] {
  if (!positions) return inputs.filter(({ dataType }) => dataType === "f32");
  return positions.map((position) => {
    const input = inputs[position];
    if (input?.dataType === "f32") return input;
    const found = input ? "holds integers, which have no gradient" : `is none of the ${inputs.length} that were given`;
    throw new ArgumentError(`withRespectTo: argument ${position} ${found}`);
  });
}

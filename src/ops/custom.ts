import { define, type Shape, type Value } from "../graph/index.js";

/** An operation written in TypeScript. The arrays are views of linear memory, valid during the call only. */
export interface CustomDefinition {
  readonly name: string;
  /** Shape of the output. */
  readonly shape: Shape;
  /** Writes the whole output; its contents are undefined before. */
  readonly forward: (inputs: readonly Float32Array[], output: Float32Array) => void;
  /** Writes the gradient of every input (all of it). Without it the output has no gradient. */
  readonly backward?: (
    inputs: readonly Float32Array[],
    output: Float32Array,
    dy: Float32Array,
    gradients: readonly Float32Array[],
  ) => void;
}

/**
 * Applies an operation written in TypeScript. It runs on one thread, between kernels: for trying an idea, not for speed.
 * An exception it throws surfaces from the run as a KernelError naming the layer.
 */
export function custom(inputs: readonly [Value, ...Value[]], definition: CustomDefinition): Value {
  const { name, shape, forward, backward } = definition;
  const names = inputs.map((_, i) => `input ${i}`);
  const listed = (values: Readonly<Record<string, Value | undefined>>): Value[] => names.map((input) => values[input]!);
  const named = (values: readonly Value[]): Readonly<Record<string, Value>> =>
    Object.fromEntries(values.map((value, i) => [names[i]!, value]));

  const backwardOperation =
    backward &&
    define<string, object, string>({
      name: `${name} backward`,
      inputs: [...names, "y", "dy"],
      outputs: names,
      shape: (given) => Object.fromEntries(names.map((input) => [input, given[input]!.shape])),
      lower(emit, { inputs: given, outputs }) {
        const uses = [...listed(given), given["y"]!, given["dy"]!, ...listed(outputs)];
        emit.hostCall(uses, (views) => {
          const [y, dy] = [views[names.length]!, views[names.length + 1]!];
          backward(views.slice(0, names.length), y, dy, views.slice(names.length + 2));
        });
      },
    });
  const operation = define<string, object>({
    name,
    inputs: names,
    isConstant: !backward,
    shape: () => ({ y: shape }),
    lower(emit, { inputs: given, outputs: { y } }) {
      emit.hostCall([...listed(given), y], (views) => forward(views.slice(0, names.length), views[names.length]!));
    },
    ...(backwardOperation && {
      gradient: ({ inputs: given, outputs: { y }, upstreams: { y: dy } }) =>
        backwardOperation.apply({ ...given, y, dy }),
    }),
  });
  return operation.apply(named(inputs)).y;
}

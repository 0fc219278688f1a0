import { ArgumentError, checkOptions, show } from "../engine/index.js";
import { checkShape, define, type Shape, Value } from "../graph/index.js";

/**
 * An operation written in TypeScript. The arrays are views of linear memory, valid during the call only; so its functions
 * must not be async. Within them nothing of the engine that runs them can be run, written, made or disposed, which would
 * change what is being computed: that is a StateError. Reading, and other engines, are free.
 */
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
 * What it throws, whatever that is, surfaces from the run as a KernelError naming the layer, and so does a promise that it
 * returns.
 * @param inputs at least one float32 value
 * @throws ArgumentError, ShapeError for a definition that is none
 */
export function custom(inputs: readonly [Value, ...Value[]], definition: CustomDefinition): Value {
  const { name, shape, forward, backward } = checkDefinition(definition);
  const values: readonly unknown[] = Array.isArray(inputs) ? inputs : [];
  const wrong = values.findIndex((value) => !(value instanceof Value));
  if (values.length === 0 || wrong >= 0) {
    const found = wrong >= 0 ? `${show(values[wrong])} in place ${wrong}` : show(inputs);
    throw new ArgumentError(`${name}: inputs must be an array of one or more values of a graph, got ${found}`);
  }
  const names = inputs.map((_, i) => `input ${i}`);
  const listed = (values: Readonly<Record<string, Value | undefined>>): Value[] => names.map((input) => values[input]!);
  const named = (values: readonly Value[]): Readonly<Record<string, Value>> =>
    Object.fromEntries(values.map((value, i) => [names[i]!, value]));

  const backwardOperation =
    backward &&
    define<string, object, string>({
      name: `${name} backward`,
      inputs: [...names, "y", "dy"],
      isVolatile: true,
      outputs: names,
      shape: (given) => Object.fromEntries(names.map((input) => [input, given[input]!.shape])),
      lower(emit, { inputs: given, outputs }) {
        const uses = [...listed(given), given["y"]!, given["dy"]!, ...listed(outputs)];
        const count = names.length;
        emit.hostCall(uses, (views) =>
          backward(views.slice(0, count), views[count]!, views[count + 1]!, views.slice(count + 2)),
        );
      },
    });
  const operation = define<string, object>({
    name,
    inputs: names,
    isVolatile: true,
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

/** A copy of a definition, its parts checked. */
function checkDefinition(definition: CustomDefinition): CustomDefinition {
  checkOptions("custom", definition, ["name", "shape", "forward", "backward"]);
  const { name, shape, forward, backward } = definition;
  if (typeof name !== "string" || name === "") {
    throw new ArgumentError(`custom: name must be a text, got ${show(name)}`);
  }
  const functions: Readonly<Record<string, unknown>> = { forward, ...(backward !== undefined && { backward }) };
  for (const [key, value] of Object.entries(functions)) {
    if (typeof value !== "function") {
      throw new ArgumentError(`custom: ${key} of ${name} must be a function, got ${show(value)}`);
    }
  }
  const checked = { name, shape: checkShape(name, shape), forward };
  return backward ? { ...checked, backward } : checked;
}

import { ArgumentError, checkFunction, type Readers, show } from "../engine/index.js";
import type { Value } from "../graph/index.js";
import { operationOf } from "../ops/publicFunction.js";
import { layerFactory, type LayerFactory } from "./factory.js";
import { isLayerFactory, type Layer } from "./scope.js";

/**
 * A layer from a plain function of a Value, e.g. `nn.lambda((x) => ops.add(x, f(x)))`.
 * @param name what messages call it
 */
export function lambda(f: (x: Value) => Value, name = "lambda"): Layer {
  checkFunction("what nn.lambda makes a layer of", f, "(x) => ops.relu(x)");
  if (isLayerFactory(f)) {
    throw new ArgumentError(`nn.lambda wants a function of a value: nn.${f.layer} makes a layer already`);
  }
  if (typeof name !== "string") throw new ArgumentError(`the name of a layer must be a text, got ${show(name)}`);
  return { name, apply: (x) => f(x) };
}

/** A layer without options and state. */
export type StatelessLayer = LayerFactory<Readonly<Record<string, never>>>;

/** A function that makes layers, without options, of an operation. */
export function stateless(name: string, operation: (x: Value) => Value): StatelessLayer {
  return layerFactory(
    name,
    () => ({}),
    () => lambda(operation, name),
  );
}

/** A function that makes layers of an operation of one value, with the options of that. */
export function activation<Options extends object>(
  f: ((x: Value, options: Options) => Value) | ((x: Value, options?: Options) => Value),
): LayerFactory<Options> {
  const { name, readers } = operationOf(f);
  return layerFactory(name, readers as () => Readers<Options>, (options) => ({
    ...{ name, apply: (x) => f(x, options as Options) },
  }));
}

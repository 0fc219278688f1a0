import { ArgumentError, excerpt, floatsOf, FormatError, type Numbers, show, type Tensor } from "../engine/index.js";
import { formatShape, showShape, sizeOf } from "../graph/index.js";
import type { StateEntry } from "./stateStore.js";

/**
 * Pairs every tensor of a model with the numbers that are to replace it. Everything is checked before the caller changes
 * anything.
 * @param source what errors call the state
 * @throws FormatError if a tensor is missing, unknown, of another shape or length
 * @throws ArgumentError if `state` is no Map, or what should be numbers is not
 */
export function matchState(
  entries: readonly StateEntry[],
  state: ReadonlyMap<string, Tensor>,
  source: string,
): { readonly entry: StateEntry; readonly data: Float32Array }[] {
  if (!isMap(state)) {
    throw new ArgumentError(
      `${source} must be a Map of name → { shape, data }, as model.state() gives it; got ${show(state)}`,
    );
  }
  const matched = entries.map((entry) => {
    const { name, shape } = entry;
    const tensor: unknown = state.get(name);
    if (tensor === undefined) throw new FormatError(`${source} has no tensor ${name}, which this model needs`);
    if (typeof tensor !== "object" || tensor === null) {
      throw new FormatError(`${source}: ${name} must be a tensor { shape, data }, got ${show(tensor)}`);
    }
    const { shape: found, data } = tensor as { readonly shape?: unknown; readonly data?: unknown };
    if (
      !Array.isArray(found) ||
      found.length !== shape.length ||
      shape.some((length, axis) => length !== found[axis])
    ) {
      throw new FormatError(`${source}: ${name} is ${showShape(found)}, this model wants ${formatShape(shape)}`);
    }
    const numbers = floatsOf(data as Numbers, `${source}: ${name}`);
    if (numbers.length !== sizeOf(shape)) {
      throw new FormatError(
        `${source}: ${name} ${formatShape(shape)} wants ${sizeOf(shape)} numbers, its data has ${numbers.length}`,
      );
    }
    return { entry, data: numbers };
  });
  const known = new Set(entries.map(({ name }) => name));
  for (const name of state.keys() as Iterable<unknown>) {
    if (known.has(name as string)) continue;
    const shown = typeof name === "string" ? excerpt(name) : show(name);
    throw new FormatError(`${source} has a tensor ${shown}, which this model lacks`);
  }
  return matched;
}

function isMap(value: unknown): value is ReadonlyMap<string, unknown> {
  return (
    Object.prototype.toString.call(value) === "[object Map]" &&
    typeof (value as Map<string, unknown>).get === "function"
  );
}

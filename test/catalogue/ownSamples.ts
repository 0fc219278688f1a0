import { Graph, type Shape, type Value, type ValueGraph } from "../../src/graph/index.js";
import { type Catalogued, operations } from "./operations.js";
import { type Fixed, generic, type Given, positive, type Sample, type Tensor } from "./sample.js";
import type { Form, Written } from "./written.js";
import { forms, written } from "./writtenSamples.js";

/** Samples that are written down, or follow from the definition: those of an elementwise operation. */
export function ownSamplesOf(operation: Catalogued): readonly Sample[] {
  const entries = written[operation.name];
  if (entries) return entries.map((entry) => writtenSample(operation, entry));
  if (!isElementwise(operation)) return [];
  return formsOf(operation).flatMap((form) => [
    ...[[7], [4, 5, 5], [0], [2, 0]].map((shape) => elementwiseSample({ operation, form }, shape)),
    ...(broadcasts(operation) ? [broadcastSample({ operation, form })] : []),
  ]);
}

/** Shapes that broadcast, each along axes of others. */
const broadcastShapes: readonly Shape[] = [[2, 1, 4], [3, 1], [4]];

/** Whether an operation takes several inputs of different shapes. */
function broadcasts(operation: Catalogued): boolean {
  if (operation.inputNames.length < 2) return false;
  const graph = new Graph();
  const inputs = operation.inputNames.map((name, i) => [name, graph.input(broadcastShapes[i]!, name)] as const);
  try {
    const [output] = Object.values(operation.apply(Object.fromEntries(inputs)));
    return String(output!.shape) === "2,3,4";
  } catch {
    return false;
  }
}

function broadcastSample({ operation, form: { positive: positiveInput, tensor, ...settings } }: Elementwise): Sample {
  const inputs = operation.inputNames.map((name, i): [string, Tensor] => {
    const shape = broadcastShapes[i]!;
    if (tensor) return [name, tensor(name, shape)];
    return [name, name === positiveInput ? positive(shape, i + 1) : generic(shape, i + 1)];
  });
  return writtenSample(operation, { ...settings, inputs: Object.fromEntries(inputs) });
}

/**
 * Whether an operation makes one output of float32 inputs, and takes equal shapes of any kind and gives the same. Others of
 * which that holds, as along an axis, are told from them by samples that are written.
 */
export function isElementwise(operation: Catalogued): boolean {
  const { outputNames, forGradient, otherTypes } = operation;
  if (written[operation.name] || outputNames.length > 1 || forGradient.size > 0) return false;
  if (otherTypes.size > 0 && !("pointwise" in operation || "compose" in operation)) return false;
  return [[5], [2, 3], [1, 2, 3, 4], [0], []].every((shape) => {
    const graph = new Graph();
    try {
      const inputs = Object.fromEntries(operation.inputNames.map((name) => [name, graph.input(shape, name)]));
      return Object.values(operation.apply(inputs)).every((output) => String(output.shape) === String(shape));
    } catch {
      return false;
    }
  });
}

export interface Elementwise {
  readonly operation: Catalogued;
  readonly form: Form;
}

function formsOf({ name }: Catalogued): readonly Form[] {
  return forms[name] ?? [{}];
}

/** All forms of elementwise operations, as arguments of `it.each`. */
export const elementwiseOperations: readonly (readonly [title: string, elementwise: Elementwise])[] = operations
  .filter(isElementwise)
  .flatMap((operation) =>
    formsOf(operation).map((form) => {
      const { options, attributes } = form;
      return [titleOf(operation.name, options ?? attributes), { operation, form }] as const;
    }),
  );

function titleOf(name: string, settings: object | undefined): string {
  return settings ? `${name} ${JSON.stringify(settings)}` : name;
}

/** An elementwise operation on any shape, by default on numbers where it is smooth. */
export function elementwiseSample(
  { operation, form: { positive: positiveInput, tensor, ...settings } }: Elementwise,
  shape: Shape,
  data?: (input: string, place: number) => Float32Array,
): Sample {
  const inputs = operation.inputNames.map((name, i): [string, Tensor] => {
    if (data) return [name, { shape, data: data(name, i) }];
    if (tensor) return [name, tensor(name, shape)];
    return [name, name === positiveInput ? positive(shape, i + 1) : generic(shape, i + 1)];
  });
  return { ...writtenSample(operation, { ...settings, inputs: Object.fromEntries(inputs) }), isElementwise: true };
}

function writtenSample(operation: Catalogued, { inputs, options, attributes, isLarge = false }: Written): Sample {
  const names = operation.inputNames.filter((name) => inputs[name] !== undefined);
  const given = new Map(names.map((name, i) => [name, tensorOf(inputs[name]!, i + 1)]));
  const varied = names.filter((name) => !isFixed(given.get(name)!));
  const shapes = names.map((name) => `[${given.get(name)!.shape.join(", ")}]`).join(" ");
  return {
    title: titleOf(`${operation.name} ${shapes}`, options ?? attributes),
    inputs: varied.map((name) => given.get(name) as Tensor),
    apply(values, graph: ValueGraph = values[0]?.graph ?? new Graph()) {
      const valueOf = (name: string): Value => {
        const { shape, data } = given.get(name)!;
        const type = data instanceof Uint8Array ? "bool" : undefined;
        return values[varied.indexOf(name)] ?? graph.constant(shape, data, name, type);
      };
      const inputs = Object.fromEntries(names.map((name) => [name, valueOf(name)]));
      if (options) operation.call(inputs, options);
      else operation.apply(inputs, attributes ?? {});
      return graph.nodes.at(-1)!;
    },
    isElementwise: false,
    isLarge,
  };
}

function tensorOf(given: Given, seed: number): Tensor | Fixed {
  return "shape" in given ? given : generic(given, seed);
}

function isFixed(tensor: Tensor | Fixed): tensor is Fixed {
  return "isFixed" in tensor;
}

import { Graph, type Shape, type Value } from "../../src/graph/index.js";
import type { Catalogued } from "./operations.js";
import { type Fixed, generic, type Given, positive, type Sample, type Tensor } from "./sample.js";
import { domains, type Written, written } from "./written.js";

/** Samples that are written down, or follow from the definition: those of an elementwise operation. */
export function ownSamplesOf(operation: Catalogued): readonly Sample[] {
  const entries = written[operation.name];
  if (entries) return entries.map((entry) => writtenSample(operation, entry));
  if (!isElementwise(operation)) return [];
  return [[7], [4, 5, 5], [0], [2, 0]].map((shape) => elementwiseSample(operation, shape));
}

/**
 * Whether an operation makes one output of float32 inputs, and takes equal shapes of any kind and gives the same. Others of
 * which that holds, as along an axis, are told from them by samples that are written.
 */
export function isElementwise(operation: Catalogued): boolean {
  const { outputNames, forGradient, otherTypes } = operation;
  if (written[operation.name] || outputNames.length > 1 || forGradient.size > 0 || otherTypes.size > 0) return false;
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

/** An elementwise operation on any shape, by default on numbers in its domain. */
export function elementwiseSample(
  operation: Catalogued,
  shape: Shape,
  data?: (input: string, place: number) => Float32Array,
): Sample {
  const { positive: positiveInput, ...settings } = domains[operation.name] ?? {};
  const inputs = operation.inputNames.map((name, i): [string, Tensor] => {
    if (data) return [name, { shape, data: data(name, i) }];
    return [name, name === positiveInput ? positive(shape, i + 1) : generic(shape, i + 1)];
  });
  return { ...writtenSample(operation, { ...settings, inputs: Object.fromEntries(inputs) }), isElementwise: true };
}

function writtenSample(operation: Catalogued, { inputs, options, attributes, isLarge = false }: Written): Sample {
  const names = operation.inputNames.filter((name) => inputs[name] !== undefined);
  const given = new Map(names.map((name, i) => [name, tensorOf(inputs[name]!, i + 1)]));
  const varied = names.filter((name) => !isFixed(given.get(name)!));
  const shapes = names.map((name) => `[${given.get(name)!.shape.join(", ")}]`).join(" ");
  const settings = options ?? attributes;
  return {
    title: `${operation.name} ${shapes}${settings ? ` ${JSON.stringify(settings)}` : ""}`,
    inputs: varied.map((name) => given.get(name) as Tensor),
    apply(values) {
      const { graph } = values[0]!;
      const valueOf = (name: string): Value => {
        const { shape, data } = given.get(name)!;
        return values[varied.indexOf(name)] ?? graph.constant(shape, data, name);
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

import { define, reshapeOperation, type Shape, type Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { carrying } from "../publicFunction.js";
import { expand } from "../structure/expand.js";
import { convolve, inputGradient } from "./convolve.js";
import { convolutionDefaults } from "./geometry.js";
import {
  checkBias,
  checkShapes,
  type ConvOptions,
  convolvedShape,
  type ConvTransposeOptions,
  fitKernel,
  fitTransposed,
  groupsReader,
  kernelReaders,
  reluReader,
  type TransposedAttributes,
  transposedReaders,
  transposedShape,
} from "./options.js";
import type { SpatialRank } from "./perAxis.js";

/** The public function of a convolution. */
export type Convolution<Options> = (x: Value, weight: Value, bias?: Value, options?: Options) => Value;

function reshaped(x: Value, shape: Shape): Value {
  return reshapeOperation.apply({ x }, { shape }).y;
}

/** The convolution along `rank` axes. */
export function convolution<Rank extends SpatialRank, Options extends object = ConvOptions<Rank>>(
  name: string,
  rank: Rank,
): Convolution<Options> {
  const operation = define({
    name,
    inputs: ["x", "weight", "bias?"],
    attributes: convolutionDefaults,
    options: () => ({ ...kernelReaders(rank), groups: groupsReader(), relu: reluReader }),
    fit: ({ x, weight }, options) => fitKernel(x.shape, weight.shape, options),
    shape({ x, weight, bias }, attributes) {
      checkShapes(name, { x, weight }, attributes, (channels) => [channels / attributes.groups, "outChannels"]);
      checkBias(name, bias, weight.shape.at(-1)!);
      return { y: convolvedShape(name, x, weight, attributes) };
    },
    compose({ x, weight, bias }, attributes) {
      const { groups } = attributes;
      const outChannels = weight.shape.at(-1)!;
      const multiplier = outChannels / groups;
      // Kernels of their own do what has as many channels before as after, so x is repeated.
      if (groups === 1 || groups !== x.shape.at(-1) || multiplier <= 1 || rank === 3) {
        return { y: convolve({ x, weight, bias }, attributes) };
      }
      const repeated = expand(reshaped(x, [...x.shape, 1]), [...x.shape, multiplier]);
      const inputs = { x: reshaped(repeated, [...x.shape.slice(0, -1), outChannels]), weight, bias };
      return { y: convolve(inputs, { ...attributes, groups: outChannels }) };
    },
  });
  return carrying(operation, (x, weight, bias, options = {} as Options) => {
    return operation.call({ x, weight, bias }, options).y;
  });
}

/** The convolution of images in which each channel has a kernel of its own. */
export function depthwise(name: string): Convolution<Omit<ConvOptions<2>, "groups">> {
  const operation = define({
    name,
    inputs: ["x", "weight", "bias?"],
    attributes: convolutionDefaults,
    options: () => ({ ...kernelReaders(2), relu: reluReader }),
    fit: ({ x, weight }, options) => ({
      ...fitKernel(x.shape, weight.shape, { ...options, groups: Math.max(x.shape.at(-1) ?? 1, 1) }),
    }),
    shape({ x, weight, bias }, attributes) {
      checkShapes(name, { x, weight }, attributes, (channels) => [channels]);
      checkBias(name, bias, weight.shape.at(-1)!);
      return { y: convolvedShape(name, x, weight, attributes) };
    },
    compose({ x, weight, bias }, attributes) {
      const [height, width, channels] = weight.shape as [number, number, number];
      const kernels = reshaped(weight, [height, width, channels === 0 ? 0 : 1, channels]);
      return { y: convolve({ x, weight: kernels, bias }, attributes) };
    },
  });
  return carrying(operation, (x, weight, bias, options = {}) => operation.call({ x, weight, bias }, options).y);
}

const transposedDefaults: TransposedAttributes = { ...convolutionDefaults, lengths: [] };

/** The transposed convolution along `rank` axes. */
export function transposedConvolution<Rank extends SpatialRank>(
  name: string,
  rank: Rank,
): Convolution<ConvTransposeOptions<Rank>> {
  const operation = define({
    name,
    inputs: ["x", "weight", "bias?"],
    attributes: transposedDefaults,
    options: () => transposedReaders(rank),
    fit: ({ x, weight }, options) => fitTransposed(name, x.shape, weight.shape, options),
    shape({ x, weight, bias }, attributes) {
      checkShapes(name, { x, weight }, attributes, (channels) => ["outChannels / groups", channels]);
      const y = transposedShape(name, x, weight, attributes);
      checkBias(name, bias, y.at(-1)!);
      return { y };
    },
    compose({ x, weight, bias }, { lengths, ...attributes }) {
      const xShape = [x.shape[0]!, ...lengths, weight.shape.at(-2)! * attributes.groups];
      const y = inputGradient(x, weight, { ...attributes, xShape, weightShape: weight.shape });
      return { y: bias ? add(y, bias) : y };
    },
  });
  return carrying(operation, (x, weight, bias, options = {}) => operation.call({ x, weight, bias }, options).y);
}

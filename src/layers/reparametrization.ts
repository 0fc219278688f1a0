import {
  ArgumentError,
  checkFunction,
  checkText,
  floatsOf,
  integerFrom,
  numberFrom,
  optional,
  type Random,
  type Reader,
  readOptions,
  show,
} from "../engine/index.js";
import { axisOf, keptShape, reshaped, type Shape, type Value } from "../graph/index.js";
import { divide } from "../ops/elementwise/divide.js";
import { maximum } from "../ops/elementwise/extrema.js";
import { multiply } from "../ops/elementwise/multiply.js";
import { matmul } from "../ops/products/matmul.js";
import { norm } from "../ops/reductions/norm.js";
import { sum } from "../ops/reductions/sum.js";
import { alongAxis, axisReader } from "../ops/structure/axes.js";
import { permute } from "../ops/structure/permute.js";
import { stopGradient } from "../ops/structure/stopGradient.js";
import type { Initializer } from "./initializers.js";
import { isLayer, type Layer, type LayerLike, layerOf, type Scope } from "./scope.js";

/** Gives a parameter of a layer, computed from state that it declares itself. */
type Making = (scope: Scope, shape: Shape, initializer: Initializer) => Value;

/** A layer like another, but for one of its parameters. @param wrapper who asks, for messages */
function reparametrized(wrapper: string, given: LayerLike, name: string, make: Making): Layer {
  const layer = layerOf(given, `what nn.${wrapper} wraps`);
  if (!isLayer(layer)) {
    throw new ArgumentError(`nn.${wrapper} wraps a layer, such as nn.linear({ … }); got ${show(layer)}`);
  }
  checkText(`the name of what nn.${wrapper} wraps`, layer.name);
  checkFunction(`what nn.${wrapper} wraps`, (layer as { readonly apply: unknown }).apply, "(x) => ops.relu(x)");
  return {
    name: layer.name,
    ...(layer.inputs && { inputs: layer.inputs }),
    apply(x, scope, inputs) {
      const made: Value[] = [];
      const parameter: Scope["parameter"] = (own, shape, initializer) => {
        if (own !== name) return scope.parameter(own, shape, initializer);
        made.push(make(scope, shape, initializer));
        return made.at(-1)!;
      };
      const y = layer.apply(x, Object.create(scope, { parameter: { value: parameter } }) as Scope, inputs);
      if (made.length > 0) return y;
      throw new ArgumentError(
        `nn.${wrapper} wraps a layer that declares a parameter ${show(name)} itself; ${layer.name} declares none`,
      );
    },
  };
}

/** The name of a parameter. */
const nameReader: Reader<string> = (name, given) => {
  checkText(name, given);
  return given as string;
};

/** An initializer that hands what another draws to `take`, too. */
function watched(initializer: Initializer, take: (numbers: Float32Array) => void): Initializer {
  return (shape, random) => {
    const numbers = floatsOf(initializer(shape, random), "the initial numbers of a weight");
    take(numbers);
    return numbers;
  };
}

/** Calls `visit` for each element with its place along an axis, and its place among those that are alike there. */
function eachAlong(shape: Shape, axis: number, visit: (i: number, at: number, rest: number) => void): void {
  const { A, K, C } = alongAxis(shape, axis);
  for (let i = 0; i < A * K * C; i++) visit(i, Math.floor(i / C) % K, Math.floor(i / (K * C)) * C + (i % C));
}

/** Options of `weightNorm`. */
export interface WeightNormOptions {
  /** The parameter. Default "weight". */
  readonly name?: string;
  /** The axis whose places have a magnitude each, or null for one magnitude of all. Default −1, that of the output channels. */
  readonly axis?: number | null;
}

/**
 * The layer with its weight as magnitude and direction: g·v/‖v‖ for each output channel (Salimans and Kingma, "Weight Normalization",
 * 2016). At first it is the weight that the layer would have. State in the place of the weight: weightV, of its shape, and weightG
 * [channels].
 * @throws ArgumentError for what is no layer; when the model is built, if the layer declares no such parameter itself
 */
export function weightNorm(layer: LayerLike, options: WeightNormOptions = {}): Layer {
  const { name, axis } = readOptions("nn.weightNorm", options, {
    name: optional(nameReader, "weight"),
    axis: (name: string, given: unknown) => (given === null ? null : optional(axisReader, -1)(name, given)),
  });
  return reparametrized("weightNorm", layer, name, (scope, shape, initializer) => {
    let direction = new Float32Array();
    const v = scope.parameter(
      `${name}V`,
      shape,
      watched(initializer, (numbers) => (direction = numbers as Float32Array<ArrayBuffer>)),
    );
    const kept = axis === null ? undefined : axisOf("weightNorm", v, axis);
    const axes = shape.map((_, i) => i).filter((i) => i !== kept);
    const magnitudes = (): Float32Array => {
      const squares = new Float64Array(kept === undefined ? 1 : shape[kept]!);
      eachAlong(shape, kept ?? 0, (i, at) => (squares[kept === undefined ? 0 : at]! += direction[i]! ** 2));
      return Float32Array.from(squares, Math.sqrt);
    };
    const g = scope.parameter(`${name}G`, kept === undefined ? [] : [shape[kept]!], magnitudes);
    return multiply(v, divide(reshaped(g, keptShape(shape, axes)), norm(v, { axes, keepDims: true })));
  });
}

/** Options of `spectralNorm`. */
export interface SpectralNormOptions {
  /** The parameter. Default "weight". */
  readonly name?: string;
  /** Steps of the power iteration for each step of training. Default 1. */
  readonly powerIterations?: number;
  /** The least length that a vector is divided by. Default 1e-12. */
  readonly epsilon?: number;
  /** The axis that is one side of the matrix; all others are the other. Default −1, that of the output channels. */
  readonly axis?: number;
}

/** Steps of the power iteration before the first step of training. */
const firstIterations = 15;

/**
 * The layer with its weight divided by its largest singular value, as a power iteration estimates it (Miyato et al., "Spectral
 * Normalization for Generative Adversarial Networks", 2018). Each step of training improves the singular vectors u and v, which
 * evaluation uses as they are; no gradient flows through them. State in the place of the weight: weightOriginal, of its shape, and
 * the buffers weightU [channels] and weightV [size/channels].
 * @throws as `weightNorm`
 */
export function spectralNorm(layer: LayerLike, options: SpectralNormOptions = {}): Layer {
  const { name, powerIterations, epsilon, axis } = readOptions("nn.spectralNorm", options, {
    name: optional(nameReader, "weight"),
    powerIterations: optional(integerFrom(1, 1000), 1),
    epsilon: optional(numberFrom(0), 1e-12),
    axis: optional(axisReader, -1),
  });
  return reparametrized("spectralNorm", layer, name, (scope, shape, initializer) => {
    let initial = new Float32Array();
    const original = scope.parameter(
      `${name}Original`,
      shape,
      watched(initializer, (numbers) => (initial = numbers as Float32Array<ArrayBuffer>)),
    );
    const side = axisOf("spectralNorm", original, axis);
    const channels = shape[side]!;
    const rest = original.size / channels;
    let second = new Float32Array();
    const first = (_: Shape, random: Random): Float32Array => {
      const vectors = singularVectors(initial, shape, side, random, epsilon);
      second = vectors.v;
      return vectors.u;
    };
    let u = scope.buffer(`${name}U`, [channels], first);
    let v = scope.buffer(`${name}V`, [rest], () => second);
    const order = [...shape.map((_, i) => i).filter((i) => i !== side), side];
    const matrix = reshaped(side === shape.length - 1 ? original : permute(original, order), [rest, channels]);
    if (scope.training) {
      const states = [u, v] as const;
      const fixed = stopGradient(matrix);
      const unit = (vector: Value): Value => divide(vector, maximum(norm(vector), epsilon));
      for (let i = 0; i < powerIterations; i++) {
        v = unit(matmul(fixed, u));
        u = unit(matmul(v, fixed));
      }
      scope.graph.assign(states[0], u);
      scope.graph.assign(states[1], v);
    }
    return divide(original, sum(multiply(matmul(matrix, u), v)));
  });
}

/** Estimates of the singular vectors of a weight's largest singular value. */
function singularVectors(weight: Float32Array, shape: Shape, side: number, random: Random, epsilon: number) {
  const channels = shape[side]!;
  const unit = (vector: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> => {
    const length = Math.max(Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0)), epsilon);
    return vector.map((x) => x / length);
  };
  let u = unit(Float32Array.from({ length: channels }, () => random.normal()));
  let v = new Float32Array(weight.length / channels);
  for (let step = 0; step < firstIterations; step++) {
    const [nextV, nextU] = [new Float32Array(v.length), new Float32Array(channels)];
    eachAlong(shape, side, (i, at, rest) => (nextV[rest]! += weight[i]! * u[at]!));
    v = unit(nextV);
    eachAlong(shape, side, (i, at, rest) => (nextU[at]! += weight[i]! * v[rest]!));
    u = unit(nextU);
  }
  return { u, v };
}

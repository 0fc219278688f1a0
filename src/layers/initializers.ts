import { ArgumentError, checkNumber, checkOptions, Random, show } from "../engine/index.js";
import { checkShape, type Shape, sizeOf } from "../graph/index.js";

/** Gives the first contents of a parameter, drawn from `random` if at all. */
export type Initializer = (shape: Shape, random: Random) => Float32Array;

/**
 * Inputs and outputs of one unit: for a matrix [in, out] those; for a kernel [h, w, in, out] times the receptive field.
 */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  checkShape("initializer", shape);
  if (shape.length < 2) throw new ArgumentError(`fan-in needs at least 2 dimensions, got ${shape.length}`);
  const field = sizeOf(shape.slice(0, -2));
  return { fanIn: field * shape[shape.length - 2]!, fanOut: field * shape[shape.length - 1]! };
}

/** Numbers of a tensor. Throws ShapeError, MemoryError for a shape that none can have. */
function lengthOf(shape: Shape): number {
  return sizeOf(checkShape("initializer", shape));
}

function checkRandom(random: unknown): void {
  if (random instanceof Random) return;
  throw new ArgumentError(`an initializer wants a source of random numbers such as engine.random, got ${show(random)}`);
}

/** 0 everywhere. */
export const zeros: Initializer = (shape) => new Float32Array(lengthOf(shape));
/** 1 everywhere. */
export const ones: Initializer = (shape) => new Float32Array(lengthOf(shape)).fill(1);

/** Uniform in [−bound, bound). */
export function uniform(bound: number): Initializer {
  checkNumber("bound", bound, 0);
  return (shape, random) => {
    checkRandom(random);
    return Float32Array.from({ length: lengthOf(shape) }, () => (2 * random.uniform() - 1) * bound);
  };
}

/** Normal with mean 0. */
export function normal(standardDeviation: number): Initializer {
  checkNumber("standardDeviation", standardDeviation, 0);
  return (shape, random) => {
    checkRandom(random);
    return Float32Array.from({ length: lengthOf(shape) }, () => random.normal() * standardDeviation);
  };
}

function gainOf(options: { readonly gain?: number }, usual: number): number {
  checkOptions("an initializer", options, ["gain"]);
  const { gain = usual } = options;
  return checkNumber("gain", gain, 0);
}

/**
 * Uniform with bound gain·√(3 / fan-in) (He et al., "Delving Deep into Rectifiers", 2015, §2.2).
 * @param gain default √2, for ReLU; PyTorch's default layers use 1/√3, so that the bound is 1/√fan-in
 */
export function kaimingUniform(options: { readonly gain?: number } = {}): Initializer {
  const gain = gainOf(options, Math.SQRT2);
  return (shape, random) => uniform(gain * Math.sqrt(3 / Math.max(1, fans(shape).fanIn)))(shape, random);
}

/** Normal with standard deviation gain / √fan-in (He et al. 2015, eq. 10). Default gain √2, for ReLU. */
export function kaimingNormal(options: { readonly gain?: number } = {}): Initializer {
  const gain = gainOf(options, Math.SQRT2);
  return (shape, random) => normal(gain / Math.sqrt(Math.max(1, fans(shape).fanIn)))(shape, random);
}

/**
 * Uniform with bound gain·√(6 / (fan-in + fan-out)) (Glorot and Bengio, "Understanding the difficulty of training deep
 * feedforward neural networks", 2010, eq. 16).
 */
export function xavierUniform(options: { readonly gain?: number } = {}): Initializer {
  const gain = gainOf(options, 1);
  return (shape, random) => {
    const { fanIn, fanOut } = fans(shape);
    return uniform(gain * Math.sqrt(6 / Math.max(1, fanIn + fanOut)))(shape, random);
  };
}

/** Normal with standard deviation gain·√(2 / (fan-in + fan-out)) (Glorot and Bengio 2010, eq. 12). */
export function xavierNormal(options: { readonly gain?: number } = {}): Initializer {
  const gain = gainOf(options, 1);
  return (shape, random) => {
    const { fanIn, fanOut } = fans(shape);
    return normal(gain * Math.sqrt(2 / Math.max(1, fanIn + fanOut)))(shape, random);
  };
}

/** What PyTorch draws weights of linear and convolution layers from: uniform with bound 1/√fan-in. */
export const defaultWeight: Initializer = kaimingUniform({ gain: 1 / Math.sqrt(3) });

/** What PyTorch draws their biases from: uniform with bound 1/√fan-in of the layer's weight. */
export function defaultBias(weightShape: Shape): Initializer {
  return uniform(1 / Math.sqrt(Math.max(1, fans(weightShape).fanIn)));
}

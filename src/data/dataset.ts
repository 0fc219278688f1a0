import {
  ArgumentError,
  checkInteger,
  show,
  excerptOfShape,
  numbersOf,
  typedArrayKind,
  type TypedNumbers,
} from "../engine/index.js";

/**
 * Samples in memory. Make one with `dataset`, which converts what it is given and checks that the parts fit. It refers to
 * its arrays: what is written into them is seen by the next epoch, evaluation, step or prediction.
 */
export interface Dataset {
  /** Number of samples. */
  readonly length: number;
  /** Shape of one input, e.g. [28, 28, 1]: height, width, channels. */
  readonly inputShape: readonly number[];
  /**
   * Row-major, one sample after another. For a model of float32, bytes stand for value/255 and are scaled when a batch is gathered;
   * for one of int32, bytes and integers are tokens.
   */
  readonly inputs: Inputs;
  /** Integers: class labels. Floats: values or probabilities. Of `targetShape`, one sample after another. */
  readonly targets: Targets;
  /** Shape of one target: [] for one class label. */
  readonly targetShape: readonly number[];
  /** Labels are 0 … classes − 1. */
  readonly classes?: number;
  /** A label that is no class, but marks places that do not count. */
  readonly ignoreIndex?: number;
  /** A factor for the loss of each sample. */
  readonly sampleWeights?: Float32Array;
}

export type Inputs = Uint8Array | Int32Array | Float32Array;
export type Targets = Uint8Array | Int32Array | Float32Array;

/**
 * A data set as it is at this moment: plain views of its arrays, whose types and lengths fit together. Whatever reads a
 * data set reads these: a set that was made by hand, or changed since, may say anything. Each property is read once. The
 * numbers themselves are not looked at.
 * @param what names the data set in errors. Default: they begin with the part that does not fit
 * @throws ArgumentError for what is no data set, parts of other types, lengths and shapes that do not fit, memory that was
 * detached
 */
export function viewsOf(dataset: Dataset, what?: string): Dataset {
  if (typeof dataset !== "object" || (dataset as unknown) === null || !("inputs" in dataset)) {
    const remedy = isPromise(dataset) ? "await it" : "data.dataset({ inputs, inputShape, targets }) makes one";
    throw new ArgumentError(`${what ?? "the data set"} must be a data set, got ${show(dataset)}; ${remedy}`);
  }
  const { classes, ignoreIndex } = dataset;
  const prefix = what === undefined ? "" : `${what}: `;
  const inputShape = lengthsOf(`${prefix}inputShape`, dataset.inputShape);
  const targetShape = lengthsOf(`${prefix}targetShape`, dataset.targetShape);
  const length = checkInteger(`${prefix}length`, dataset.length);
  const inputs = arrayOf(`${prefix}inputs`, dataset.inputs, ["Uint8Array", "Int32Array", "Float32Array"]) as Inputs;
  const targets = arrayOf(`${prefix}targets`, dataset.targets, ["Uint8Array", "Int32Array", "Float32Array"]) as Targets;
  if (inputShape.length === 0) throw new ArgumentError(`${prefix}inputShape must have at least one dimension, got []`);
  const checkLength = (name: string, found: number, wanted: number): void => {
    if (found === wanted) return;
    const samples = `${length} samples of shape ${excerptOfShape(inputShape)}`;
    throw new ArgumentError(`${prefix}${name} must hold ${wanted} values for ${samples}, got ${found}`);
  };
  checkLength("inputs", inputs.length, length * sizeOf(inputShape));
  if (length === 0) throw new ArgumentError(`${what ?? "a data set"} must hold at least one sample, got none`);
  checkLength("targets", targets.length, length * sizeOf(targetShape));
  for (const [name, given, least] of [
    ["classes", classes, 1],
    ["ignoreIndex", ignoreIndex, -(2 ** 31)],
  ] as const) {
    if (given === undefined) continue;
    checkInteger(prefix + name, given, least);
    if (targets instanceof Float32Array) {
      throw new ArgumentError(`${prefix}${name} needs labels, got values in a Float32Array`);
    }
  }
  const weights = dataset.sampleWeights && arrayOf(`${prefix}sampleWeights`, dataset.sampleWeights, ["Float32Array"]);
  if (weights) checkLength("sampleWeights", weights.length, length);
  return {
    ...{ length, inputShape, inputs, targets, targetShape },
    ...(classes !== undefined && { classes }),
    ...(ignoreIndex !== undefined && { ignoreIndex }),
    ...(weights && { sampleWeights: weights as Float32Array }),
  };
}

/** The samples `first` … `first + count − 1` of views. */
export function rowsOf(views: Dataset, first: number, count: number): Dataset {
  const { length, inputs, targets, sampleWeights } = views;
  const part = <T extends Inputs | Targets>(data: T): T => {
    const size = data.length / length;
    return data.subarray(first * size, (first + count) * size) as T;
  };
  const weights = sampleWeights && { sampleWeights: part(sampleWeights) };
  return { ...views, length: count, inputs: part(inputs), targets: part(targets), ...weights };
}

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** The lengths of a shape. Throws ArgumentError, naming the shape, if it is no array of them. */
export function lengthsOf(name: string, shape: unknown): number[] {
  if (!Array.isArray(shape)) {
    throw new ArgumentError(`${name} must be an array of lengths such as [28, 28, 1], got ${show(shape)}`);
  }
  const lengths = [...(shape as number[])];
  lengths.forEach((length, i) => {
    // Names are made for errors alone: data sets are checked at every step.
    if (!(Number.isInteger(length) && length >= 1)) checkInteger(`${name}[${i}]`, length, 1);
  });
  return lengths;
}

export function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** A plain view of a typed array of one of some classes. */
function arrayOf(name: string, value: unknown, classes: readonly string[]): TypedNumbers {
  const numbers = numbersOf(value, name);
  if (numbers && classes.includes(typedArrayKind(numbers)!)) return numbers;
  throw new ArgumentError(
    `${name} of a data set must be a ${classes.join(" or ")}, got ${show(value)}; data.dataset converts other numbers`,
  );
}

/**
 * Throws ArgumentError, naming the sample, for a label outside 0 … classes − 1.
 * @param ignoreIndex may stand where no label counts
 */
export function checkLabels({ targets: labels, length, classes = Infinity, ignoreIndex }: Dataset): void {
  const allowed = classes === Infinity ? "of at least 0" : `from 0 to ${classes - 1}`;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if ((label < 0 || label >= classes) && label !== ignoreIndex) {
      const sample = Math.floor((i * length) / labels.length);
      const remedy =
        label < 0 && ignoreIndex === undefined ? "; with an ignoreIndex such a label may mark what does not count" : "";
      throw new ArgumentError(`targets must be labels ${allowed}, got ${label} for sample ${sample}${remedy}`);
    }
  }
}

/** Throws ArgumentError, naming the sample, for a weight that is negative or not finite. */
export function checkWeights(weights: Float32Array): void {
  weights.forEach((weight, i) => {
    if (!(weight >= 0 && weight < Infinity)) {
      throw new ArgumentError(`sampleWeights must be finite numbers of at least 0, got ${weight} for sample ${i}`);
    }
  });
}

/**
 * The samples from `start` to before `end`, as views of the same memory.
 * @throws ArgumentError for a range outside the data set, and for a data set whose parts do not fit
 */
export function slice(dataset: Dataset, start: number, end?: number): Dataset {
  const views = viewsOf(dataset);
  checkInteger("start", start, 0, views.length - 1);
  const stop = checkInteger("end", end ?? views.length, start + 1, views.length);
  return rowsOf(views, start, stop - start);
}

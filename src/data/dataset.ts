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
  /** Row-major, one sample after another. Bytes stand for value/255 and are scaled when a batch is gathered. */
  readonly inputs: Inputs;
  /** Integers: one class label per sample. Floats: regression targets of `targetShape`, one sample after another. */
  readonly targets: Targets;
  /** Shape of one target: [] for a class label. */
  readonly targetShape: readonly number[];
  /** Labels are 0 … classes − 1. */
  readonly classes?: number;
}

export type Inputs = Uint8Array | Float32Array;
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
  const { classes } = dataset;
  const prefix = what === undefined ? "" : `${what}: `;
  const inputShape = lengthsOf(`${prefix}inputShape`, dataset.inputShape);
  const targetShape = lengthsOf(`${prefix}targetShape`, dataset.targetShape);
  const length = checkInteger(`${prefix}length`, dataset.length);
  const inputs = arrayOf(`${prefix}inputs`, dataset.inputs, ["Uint8Array", "Float32Array"]) as Inputs;
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
  const areLabels = !(targets instanceof Float32Array);
  if (areLabels && targetShape.length > 0) {
    throw new ArgumentError(
      `${prefix}integer targets are one label per sample: targetShape must be [], got ${excerptOfShape(targetShape)}`,
    );
  }
  if (classes === undefined) return { length, inputShape, inputs, targets, targetShape };
  checkInteger(`${prefix}classes`, classes, 1);
  if (!areLabels) throw new ArgumentError(`${prefix}classes needs labels, got values in a Float32Array`);
  return { length, inputShape, inputs, targets, targetShape, classes };
}

/** The samples `first` … `first + count − 1` of views. */
export function rowsOf(views: Dataset, first: number, count: number): Dataset {
  const { length, inputs, targets } = views;
  const part = <T extends Inputs | Targets>(data: T): T => {
    const size = data.length / length;
    return data.subarray(first * size, (first + count) * size) as T;
  };
  return { ...views, length: count, inputs: part(inputs), targets: part(targets) };
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

/** Throws ArgumentError, naming the sample, for a label outside 0 … classes − 1. */
export function checkLabels(labels: Uint8Array | Int32Array, classes = Infinity): void {
  const allowed = classes === Infinity ? "of at least 0" : `from 0 to ${classes - 1}`;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label < 0 || label >= classes) {
      throw new ArgumentError(`targets must be labels ${allowed}, got ${label} for sample ${i}`);
    }
  }
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

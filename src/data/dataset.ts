import {
  ArgumentError,
  checkInteger,
  describe,
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
 * @throws ArgumentError for parts of other types, lengths and shapes that do not fit, memory that was detached
 */
export function viewsOf(dataset: Dataset): Dataset {
  if (typeof dataset !== "object" || (dataset as unknown) === null) {
    throw new ArgumentError(`a data set is wanted, which data.dataset makes; got ${describe(dataset)}`);
  }
  const { classes } = dataset;
  const inputShape = lengthsOf("inputShape", dataset.inputShape);
  const targetShape = lengthsOf("targetShape", dataset.targetShape);
  const length = checkInteger("length", dataset.length);
  const inputs = arrayOf("inputs", dataset.inputs, ["Uint8Array", "Float32Array"]) as Inputs;
  const targets = arrayOf("targets", dataset.targets, ["Uint8Array", "Int32Array", "Float32Array"]) as Targets;
  if (inputShape.length === 0) throw new ArgumentError("inputShape must have at least one dimension, got []");
  const samples = `${length} samples of shape ${excerptOfShape(inputShape)}`;
  checkLength("inputs", inputs.length, length * sizeOf(inputShape), samples);
  if (length === 0) throw new ArgumentError("a data set must hold at least one sample, got none");
  checkLength("targets", targets.length, length * sizeOf(targetShape), samples);
  const areLabels = !(targets instanceof Float32Array);
  if (areLabels && targetShape.length > 0) {
    throw new ArgumentError(
      `integer targets are one label per sample: targetShape must be [], got ${excerptOfShape(targetShape)}`,
    );
  }
  if (classes === undefined) return { length, inputShape, inputs, targets, targetShape };
  checkInteger("classes", classes, 1);
  if (!areLabels) throw new ArgumentError("classes needs labels, got values in a Float32Array");
  return { length, inputShape, inputs, targets, targetShape, classes };
}

/** The lengths of a shape. Throws ArgumentError, naming the shape, if it is no array of them. */
export function lengthsOf(name: string, shape: unknown): number[] {
  if (Array.isArray(shape)) {
    return Array.from(shape as number[], (length, i) => checkInteger(`${name}[${i}]`, length, 1));
  }
  throw new ArgumentError(`${name} must be an array of lengths such as [28, 28, 1], got ${describe(shape)}`);
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** A plain view of a typed array of one of some classes. */
function arrayOf(name: string, value: unknown, classes: readonly string[]): TypedNumbers {
  const numbers = numbersOf(value, name);
  if (numbers && classes.includes(typedArrayKind(numbers)!)) return numbers;
  throw new ArgumentError(
    `${name} of a data set must be a ${classes.join(" or ")}, got ${describe(value)}; data.dataset converts other numbers`,
  );
}

function checkLength(name: string, found: number, wanted: number, samples: string): void {
  if (found !== wanted) throw new ArgumentError(`${name} must hold ${wanted} values for ${samples}, got ${found}`);
}

/**
 * Throws ArgumentError for a label outside 0 … classes − 1, naming the sample.
 * @param sampleAt which sample a label belongs to. Default: that of the same index
 */
export function checkLabels(labels: Uint8Array | Int32Array, classes = Infinity, sampleAt = (i: number) => i): void {
  const allowed = classes === Infinity ? "of at least 0" : `from 0 to ${classes - 1}`;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label < 0 || label >= classes) {
      throw new ArgumentError(`targets must be labels ${allowed}, got ${label} for sample ${sampleAt(i)}`);
    }
  }
}

/**
 * The samples from `start` to before `end`, as views of the same memory.
 * @throws ArgumentError for a range outside the data set, and for a data set whose parts do not fit
 */
export function slice(dataset: Dataset, start: number, end?: number): Dataset {
  const views = viewsOf(dataset);
  const { length, inputs, targets } = views;
  checkInteger("start", start, 0, length - 1);
  const stop = checkInteger("end", end ?? length, start + 1, length);
  const part = <T extends Inputs | Targets>(data: T): T => {
    const size = data.length / length;
    return data.subarray(start * size, stop * size) as T;
  };
  return { ...views, length: stop - start, inputs: part(inputs), targets: part(targets) };
}

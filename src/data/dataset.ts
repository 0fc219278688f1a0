import { ArgumentError, checkInteger } from "../engine/index.js";

/** Samples in memory. Make one with `dataset`, which checks that the parts fit. */
export interface Dataset {
  /** Number of samples. */
  readonly length: number;
  /** Shape of one input, e.g. [28, 28, 1]: height, width, channels. */
  readonly inputShape: readonly number[];
  /** Row-major, one sample after another. Bytes stand for value/255 and are scaled when a batch is gathered. */
  readonly inputs: Uint8Array | Float32Array;
  /** Integers: one class label per sample. Floats: regression targets of `targetShape`, one sample after another. */
  readonly targets: Uint8Array | Int32Array | Float32Array;
  /** Shape of one target: [] for a class label. */
  readonly targetShape: readonly number[];
  /** Labels are 0 … classes − 1. */
  readonly classes?: number;
}

export interface DatasetOptions extends Omit<Dataset, "length" | "targetShape"> {
  /** Default: what `inputs` hold. */
  readonly length?: number;
  /** Default: [], one number per sample. */
  readonly targetShape?: readonly number[];
}

function sizeOf(name: string, shape: readonly number[]): number {
  shape.forEach((length, i) => checkInteger(`${name}[${i}]`, length, 1));
  return shape.reduce((product, length) => product * length, 1);
}

/**
 * Checks that inputs and targets belong together and keeps references to them (nothing is copied).
 * Throws ArgumentError for an empty data set, lengths that do not fit, labels outside 0 … classes − 1, and numbers that
 * are not finite.
 */
export function dataset(options: DatasetOptions): Dataset {
  const { inputs, inputShape, targets, targetShape = [], classes } = options;
  if (!(inputs instanceof Uint8Array || inputs instanceof Float32Array)) {
    throw new ArgumentError(`inputs must be a Uint8Array or Float32Array, got ${describe(inputs)}`);
  }
  if (!(targets instanceof Uint8Array || targets instanceof Int32Array || targets instanceof Float32Array)) {
    throw new ArgumentError(
      `targets must be a Uint8Array or Int32Array of labels or a Float32Array, got ${describe(targets)}`,
    );
  }
  if (inputShape.length === 0) throw new ArgumentError("inputShape must have at least one dimension, got []");
  const inputSize = sizeOf("inputShape", inputShape);
  const targetSize = sizeOf("targetShape", targetShape);
  const length = checkInteger("length", options.length ?? Math.floor(inputs.length / inputSize));
  const wanted = `${length} samples of shape [${inputShape.join(", ")}]`;
  if (inputs.length !== length * inputSize) {
    throw new ArgumentError(`inputs must hold ${length * inputSize} values for ${wanted}, got ${inputs.length}`);
  }
  if (length === 0) throw new ArgumentError("a data set must hold at least one sample, got none");
  if (targets.length !== length * targetSize) {
    throw new ArgumentError(`targets must hold ${length * targetSize} values for ${wanted}, got ${targets.length}`);
  }
  if (inputs instanceof Float32Array) checkFinite("inputs", inputs, inputSize);
  if (targets instanceof Float32Array) {
    checkFinite("targets", targets, targetSize);
    if (classes !== undefined) {
      throw new ArgumentError("classes needs labels in a Uint8Array or Int32Array, got targets in a Float32Array");
    }
  } else {
    if (targetShape.length > 0) {
      throw new ArgumentError(
        `integer targets are one label per sample: targetShape must be [], got [${targetShape.join(", ")}]`,
      );
    }
    checkLabels(targets, classes);
  }
  return { length, inputShape, inputs, targets, targetShape, ...(classes === undefined ? {} : { classes }) };
}

function describe(value: unknown): string {
  return typeof value === "object" && value !== null ? value.constructor.name : typeof value;
}

function checkFinite(name: string, values: Float32Array, sampleSize: number): void {
  for (let i = 0; i < values.length; i++) {
    // Only NaN and the infinities differ from 0 when multiplied by 0.
    if (values[i]! * 0 !== 0) {
      throw new ArgumentError(
        `${name} must be finite numbers, got ${values[i]} in sample ${Math.floor(i / sampleSize)}`,
      );
    }
  }
}

function checkLabels(labels: Uint8Array | Int32Array, classes: number | undefined): void {
  const limit = classes === undefined ? Infinity : checkInteger("classes", classes, 1);
  const allowed = classes === undefined ? "of at least 0" : `from 0 to ${limit - 1}`;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label < 0 || label >= limit) {
      throw new ArgumentError(`targets must be labels ${allowed}, got ${label} for sample ${i}`);
    }
  }
}

/** The samples from `start` to before `end`, as views of the same memory. */
export function slice(dataset: Dataset, start: number, end = dataset.length): Dataset {
  checkInteger("start", start, 0, dataset.length - 1);
  checkInteger("end", end, start + 1, dataset.length);
  const inputSize = dataset.inputs.length / dataset.length;
  const targetSize = dataset.targets.length / dataset.length;
  return {
    ...dataset,
    length: end - start,
    inputs: dataset.inputs.subarray(start * inputSize, end * inputSize),
    targets: dataset.targets.subarray(start * targetSize, end * targetSize),
  };
}

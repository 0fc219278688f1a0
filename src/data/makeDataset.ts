import {
  ArgumentError,
  checkNesting,
  checkOptions,
  floatsOf,
  integersOf,
  type Numbers,
  numbersOf,
  samplesOf,
  type Taken,
  takeFloats,
  takeIntegers,
  typedArrayKind,
} from "../engine/index.js";
import {
  checkLabels,
  checkWeights,
  type Dataset,
  type Inputs,
  lengthsOf,
  sizeOf,
  type Targets,
  viewsOf,
} from "./dataset.js";

export interface DatasetOptions {
  /**
   * The samples one after another in a typed array, or plain arrays of them. Bytes (a Uint8Array, a Uint8ClampedArray, a
   * Node MemoryRange) stand for value/255, all other numbers for themselves. Bytes, an Int32Array and a Float32Array are referred
   * to, others are converted. Tokens for a model of int32 are an Int32Array, or bytes that stand for themselves then.
   */
  readonly inputs: Numbers;
  /** Shape of one input, e.g. [28, 28, 1]: height, width, channels. */
  readonly inputShape: readonly number[];
  /**
   * Class labels: integers in a typed array, several a sample beside a `targetShape`, or whole numbers in a plain one. Values, or
   * probabilities: a Float32Array or Float64Array, nested arrays, or a plain array beside a `targetShape`. With `classes` all are
   * labels. Bytes, an Int32Array of labels and a Float32Array of values are referred to, others are converted.
   */
  readonly targets: Numbers;
  /** Default: how `targets` are nested, otherwise [], one number per sample. */
  readonly targetShape?: readonly number[];
  /** Labels are 0 … classes − 1. */
  readonly classes?: number;
  /** A label that marks places that do not count; so it need be no class. Default: none. */
  readonly ignoreIndex?: number;
  /** A factor for the loss of each sample, of at least 0. A Float32Array is referred to. Default: none. */
  readonly sampleWeights?: Numbers;
  /** Number of samples. Default: what `inputs` hold. */
  readonly length?: number;
}

/**
 * Checks that inputs and targets belong together. Arrays that have a data set's types are referred to, not copied; all
 * else is converted once, and `inputs` and `targets` of the result are then what to change.
 * Throws ArgumentError for unknown options, what holds no numbers, an empty data set, lengths that do not fit, labels
 * outside 0 … classes − 1, and numbers that are not finite.
 */
export function dataset(options: DatasetOptions): Dataset {
  const names = ["inputs", "inputShape", "targets", "targetShape", "classes", "ignoreIndex", "sampleWeights"] as const;
  checkOptions("data.dataset", options, [...names, "length"]);
  const inputShape = lengthsOf("inputShape", options.inputShape);
  if (options.targetShape !== undefined) lengthsOf("targetShape", options.targetShape);
  const inputs = inputsOf(options.inputs);
  const { classes, ignoreIndex, sampleWeights } = options;
  const weights = sampleWeights === undefined ? undefined : floatsOf(sampleWeights, "sampleWeights");
  const targets = takeTargets(options);
  const length = options.length ?? Math.floor(inputs.data.length / sizeOf(inputShape));
  const views = viewsOf({
    length,
    inputShape,
    inputs: inputs.data,
    targets: targets.data,
    targetShape: options.targetShape ?? targets.shape?.slice(1) ?? [],
    ...(classes !== undefined && { classes }),
    ...(ignoreIndex !== undefined && { ignoreIndex }),
    ...(weights && { sampleWeights: weights }),
  });
  checkNesting("inputs", inputs, length, inputShape);
  checkNesting("targets", targets, length, views.targetShape);
  checkFinite("inputs", views.inputs, length);
  if (views.targets instanceof Float32Array) checkFinite("targets", views.targets, length);
  else checkLabels(views);
  if (views.sampleWeights) checkWeights(views.sampleWeights);
  return {
    ...views,
    ...(weights && { sampleWeights: original(sampleWeights, views.sampleWeights!) }),
    inputs: original(options.inputs, views.inputs),
    targets: original(options.targets, views.targets),
  };
}

/** Integers stay what they are. */
function inputsOf(inputs: Numbers): Taken<Inputs> {
  const numbers = numbersOf(inputs, "inputs");
  return numbers instanceof Int32Array ? { data: numbers, shape: undefined } : samplesOf(inputs, "inputs");
}

/** Whether targets are labels or values follows from their type and the other options, never from the numbers. */
function takeTargets({ targets, targetShape, classes }: DatasetOptions): Taken<Targets> {
  const kind = typedArrayKind(targets);
  const isNested = Array.isArray(targets) && (Array.isArray(targets[0]) || typedArrayKind(targets[0]) !== undefined);
  const haveShape = isNested || (targetShape !== undefined && targetShape.length > 0);
  if (classes !== undefined && haveShape) return takeIntegers(targets, "targets");
  const areValues = kind === undefined ? haveShape : kind.startsWith("Float");
  if (areValues && classes === undefined) return takeFloats(targets, "targets");
  const isOpen = kind === undefined && classes === undefined;
  const what = isOpen ? "targets without a targetShape are class labels: they" : "targets";
  return { data: integersOf(targets, what), shape: undefined };
}

function checkFinite(name: string, values: Inputs | Targets, samples: number): void {
  if (!(values instanceof Float32Array)) return;
  for (let i = 0; i < values.length; i++) {
    // Only NaN and the infinities differ from 0 when multiplied by 0.
    if (values[i]! * 0 !== 0) {
      const sample = Math.floor((i * samples) / values.length);
      throw new ArgumentError(`${name} must be finite numbers, got ${values[i]} in sample ${sample}`);
    }
  }
}

/** The caller's own array if `data` is a plain view of it. */
function original<T extends Inputs | Targets>(given: unknown, data: T): T {
  return Object.getPrototypeOf(given) === Object.getPrototypeOf(data) ? (given as T) : data;
}

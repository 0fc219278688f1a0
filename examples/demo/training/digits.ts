/** What page and worker say to each other besides training and predicting. */

export const classes = 10;
/** Width and height of an image. */
export const side = 28;
export const pixels = side * side;
export const batchSize = 64;

export type OptimizerName = "adam" | "nesterov" | "momentum" | "sgd" | "adagrad";

export interface Settings {
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  readonly epochs: number;
  readonly seed: number;
  readonly threads: number;
}

export interface DigitOptions extends Settings {
  /** The data set; undefined for that of the last start. */
  readonly files: readonly File[] | undefined;
}

export interface DatasetInfo {
  readonly trainingImages: number;
  readonly heldOutImages: number;
}

/** The weights of the first convolution: `count` filters of `size` × `size`. */
export interface Filters {
  readonly count: number;
  readonly size: number;
  /** [row, column, filter] */
  readonly weights: Float32Array;
}

export interface Misread {
  readonly pixels: Uint8Array;
  readonly label: number;
  readonly prediction: number;
  /** The probability that the network gave its wrong answer. */
  readonly confidence: number;
}

/** How the network reads the held-out digits. */
export interface Inspection {
  /** matrix[label][prediction] counts digits. */
  readonly matrix: readonly (readonly number[])[];
  /** Those it was surest of. */
  readonly misread: readonly Misread[];
  readonly misreadCount: number;
  /** Share of the held-out digits that are read rightly. */
  readonly accuracy: number;
}

export interface DigitCalls {
  dataset(): DatasetInfo;
  /** Rejects if files are no data set that this page can use. */
  checkFiles(files: readonly File[]): Promise<void>;
  setLearningRate(rate: number): void;
  filters(): Filters;
  inspect(): Inspection;
  /** A held-out image of a digit, another for each turn; undefined if there is none. */
  sample(label: number, turn: number): Uint8Array | undefined;
  save(): Uint8Array<ArrayBuffer>;
  load(bytes: Uint8Array, fileName: string): Promise<void>;
}

/** Logits as probabilities. */
export function softmax(logits: Float32Array): Float32Array {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const exponentials = logits.map((logit) => Math.exp(logit - largest));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((value) => value / sum);
}

export function indexOfLargest(values: Float32Array): number {
  return values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
}

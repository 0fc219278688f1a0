import { ArgumentError, ShapeError } from "../engine/index.js";

/** How an epoch is cut into batches. */
export interface Batches {
  /** Samples of the data set. */
  readonly samples: number;
  readonly batchSize: number;
  /** Samples of every batch but the last: batchSize, unless the data set has fewer. */
  readonly size: number;
  /** Samples of the last batch. */
  readonly last: number;
  readonly steps: number;
}

/** Throws ArgumentError if dropping an incomplete last batch leaves none. */
export function cutIntoBatches(samples: number, batchSize: number, dropLast: boolean): Batches {
  if (dropLast && batchSize > samples) {
    throw new ArgumentError(
      `dropLast leaves no batch: the data set has ${samples} samples, fewer than the ${batchSize} of a batch`,
    );
  }
  const size = Math.min(batchSize, samples);
  const rest = samples % size;
  const isWhole = dropLast || rest === 0;
  return { samples, batchSize, size, last: isWhole ? size : rest, steps: (samples - rest) / size + Number(!isWhole) };
}

/**
 * What to throw where a model cannot train on a batch of so many samples. Models are built for any batch of at least two;
 * one sample is too few for batch norm over features, and a layer of one's own may have other wishes.
 */
export function batchError(error: unknown, { samples, batchSize, size, last }: Batches, ofBatch: number): unknown {
  if (!(error instanceof ShapeError)) return error;
  const because = `the model cannot train on it (${error.message})`;
  if (ofBatch === last && last < size) {
    const other = last === 1 ? `a batchSize of ${betterBatchSize(samples, batchSize)}` : "another batchSize";
    return new ArgumentError(
      `the last batch of an epoch holds ${last} of ${samples} samples, and ${because}: leave it out with dropLast: true, ` +
        `or take ${other}`,
      { cause: error },
    );
  }
  if (ofBatch > 1) return error;
  const remedy = samples === 1 ? "give it more samples" : "take a larger batchSize, e.g. 32";
  return new ArgumentError(`a batch holds one sample, and ${because}: ${remedy}`, { cause: error });
}

/** The length of a batch nearest to one that leaves a single sample over which does not. */
function betterBatchSize(samples: number, batchSize: number): number {
  const isGood = (size: number): boolean => size > 1 && samples % Math.min(size, samples) !== 1;
  let distance = 1;
  while (!isGood(batchSize + distance) && !isGood(batchSize - distance)) distance++;
  return isGood(batchSize + distance) ? batchSize + distance : batchSize - distance;
}

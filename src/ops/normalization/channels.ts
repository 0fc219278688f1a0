import { ArgumentError, ShapeError } from "../../engine/index.js";
import { formatShape, formatValue, type Value } from "../../graph/index.js";

/** The channels of x. Throws ShapeError unless x is [..., C], C ≥ 1, of at least 2 axes, and each of the others [C]. */
export function channelsOf(operation: string, x: Value, others: readonly (Value | undefined)[]): number {
  const channels = x.shape.at(-1) ?? 0;
  if (x.shape.length < 2 || channels < 1) {
    throw new ShapeError(`${operation}: wants x of shape [..., C], got ${formatValue(x)}`);
  }
  for (const value of others) {
    if (value && (value.shape.length !== 1 || value.shape[0] !== channels)) {
      throw new ShapeError(
        `${operation}: wants ${value.label} of shape [${channels}], got ${formatShape(value.shape)}`,
      );
    }
  }
  return channels;
}

/** Throws ArgumentError unless there are both running statistics, or neither, as training can do without. */
export function checkRunning(
  operation: string,
  runningMean: Value | undefined,
  runningVariance: Value | undefined,
  training: boolean,
): void {
  if ((runningMean === undefined) === (runningVariance === undefined) && (training || runningMean)) return;
  throw new ArgumentError(
    `${operation}: wants runningMean and runningVariance both, or in training neither: evaluation normalises by them`,
  );
}

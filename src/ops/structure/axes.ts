import { ArgumentError, type Reader, ShapeError, show } from "../../engine/index.js";
import { formatValue, type Shape, sizeOf, type Value } from "../../graph/index.js";

/** An axis; negative ones count from the last. */
export const axisReader: Reader<number> = (name, given) => {
  if (Number.isInteger(given)) return given as number;
  throw new ArgumentError(`${name} must be an axis, such as −1 for the last; got ${show(given)}`);
};

/** An array of integers. @param what they are, for the message */
export function integersReader(what: string): Reader<readonly number[]> {
  return (name, given) => {
    if (Array.isArray(given) && Array.from(given as unknown[]).every(Number.isInteger)) return [...(given as number[])];
    throw new ArgumentError(`${name} must be ${what}; got ${show(given)}`);
  };
}

/** A value as seen along one axis: [outer, length, inner]. */
export interface AlongAxis {
  readonly A: number;
  readonly K: number;
  readonly C: number;
}

export function alongAxis(shape: Shape, axis: number): AlongAxis {
  return { A: sizeOf(shape.slice(0, axis)), K: shape[axis] ?? 1, C: sizeOf(shape.slice(axis + 1)) };
}

/** Throws ShapeError unless two shapes are the same but for one axis. */
export function checkAlike(operation: string, first: Value, other: Value, axis: number): void {
  const isAlike =
    first.shape.length === other.shape.length &&
    first.shape.every((length, i) => i === axis || length === other.shape[i]);
  if (isAlike) return;
  throw new ShapeError(
    `${operation}: shapes must be the same but for axis ${axis}; got ${formatValue(first)} and ${formatValue(other)}`,
  );
}

/** `shape` with another length along an axis. */
export function withLength(shape: Shape, axis: number, length: number): Shape {
  return shape.map((own, i) => (i === axis ? length : own));
}

/** An axis as callers write it, of the shapes with one axis more than x. @throws ShapeError if there is none such */
export function newAxisOf(operation: string, x: Value, axis: number): number {
  const rank = x.shape.length + 1;
  const counted = axis < 0 ? axis + rank : axis;
  if (counted >= 0 && counted < rank) return counted;
  throw new ShapeError(`${operation}: the new axis of ${formatValue(x)} is one of ${-rank} … ${rank - 1}, got ${axis}`);
}

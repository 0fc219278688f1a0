import { MemoryError, mostLength, ShapeError, show } from "../engine/index.js";

export type Shape = readonly number[];

/** Bytes that linear memory can address. */
const mostBytes = 2 ** 32;

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** What was given for a shape, whatever it is. */
export function showShape(shape: unknown): string {
  if (!Array.isArray(shape)) return show(shape);
  return `[${shape.slice(0, 8).map(show).join(", ")}${shape.length > 8 ? ", …" : ""}]`;
}

/**
 * A copy of a shape, checked. A side may be 0: the value has no elements then.
 * @param what has the shape, for the message
 * @throws ShapeError unless it is an array of integers from 0 to 2^31 − 1
 * @throws MemoryError if its elements, of 4 bytes each, take more than any linear memory
 */
export function checkShape(what: string, shape: Shape): Shape {
  if (!Array.isArray(shape)) throw new ShapeError(`${what}: a shape is an array of lengths, got ${show(shape)}`);
  // Not `some`, which passes over the holes of an array.
  for (let axis = 0; axis < shape.length; axis++) {
    const length: unknown = shape[axis];
    if (Number.isInteger(length) && (length as number) >= 0 && (length as number) <= mostLength) continue;
    throw new ShapeError(
      `${what}: the lengths of a shape are integers from 0 to ${mostLength}, got ${show(length)} in ${showShape(shape)}`,
    );
  }
  const bytes = 4 * sizeOf(shape as Shape);
  if (bytes >= mostBytes) {
    throw new MemoryError(
      `${what} ${formatShape(shape as Shape)} takes ${bytes} bytes; linear memory has less than ${mostBytes}`,
    );
  }
  return [...(shape as Shape)];
}

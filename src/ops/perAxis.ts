import { ArgumentError, checkInteger, show, mostLength } from "../engine/index.js";

/** One number for both axes of an image, or [height, width]. */
export type PerAxis = number | readonly [height: number, width: number];

/**
 * Height and width of an option. Throws ArgumentError naming it unless they are integers of at least `minimum` and below
 * 2^31.
 */
export function perAxis(name: string, value: PerAxis, minimum: number): readonly [height: number, width: number] {
  const pair: unknown = typeof value === "number" ? [value, value] : value;
  if (!Array.isArray(pair) || pair.length !== 2) {
    throw new ArgumentError(`${name} must be a number or [height, width], got ${show(value)}`);
  }
  const [height, width] = pair as [number, number];
  return [checkInteger(name, height, minimum, mostLength), checkInteger(name, width, minimum, mostLength)];
}

import { ArgumentError, checkInteger } from "../engine/index.js";

/** One number for both axes of an image, or [height, width]. */
export type PerAxis = number | readonly [height: number, width: number];

/** Height and width of an option. Throws ArgumentError naming it unless they are integers of at least `minimum`. */
export function perAxis(name: string, value: PerAxis, minimum: number): readonly [height: number, width: number] {
  const pair: readonly number[] = typeof value === "number" ? [value, value] : value;
  if (pair.length !== 2) {
    throw new ArgumentError(`${name} must be a number or [height, width], got ${pair.length} numbers`);
  }
  return [checkInteger(name, pair[0]!, minimum), checkInteger(name, pair[1]!, minimum)];
}

import { ArgumentError, checkInteger, mostLength, type Reader, show } from "../../engine/index.js";

/** One number for both axes of an image, or [height, width]. */
export type PerAxis = number | readonly [height: number, width: number];

/** Zeros around an image: so many on both sides of each axis, none, or as many as keep its size where the stride is 1. */
export type Padding = PerAxis | "valid" | "same";

/** One number for each axis: height, width. */
export type Pair = readonly [height: number, width: number];

/** Height and width: integers of at least `minimum` and below 2^31. */
export function perAxis(minimum: number): Reader<Pair> {
  return (name, given) => {
    const pair: unknown = typeof given === "number" ? [given, given] : given;
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw new ArgumentError(`${name} must be a number or [height, width], got ${show(given)}`);
    }
    const [height, width] = pair as [number, number];
    return [checkInteger(name, height, minimum, mostLength), checkInteger(name, width, minimum, mostLength)];
  };
}

/** What a window of `reach` positions that moves along an axis has around that axis. */
export interface Padded {
  /** No longer than the axis with its padding. */
  readonly stride: number;
  readonly before: number;
  readonly after: number;
}

/**
 * Padding along an axis of `size`. For "same" there are as many windows as strides begin on the axis, and the last ends with
 * the padding.
 */
export function padded(size: number, reach: number, stride: number, padding: number | "same"): Padded {
  if (padding !== "same") return { stride: Math.min(stride, size + 2 * padding), before: padding, after: padding };
  const step = Math.max(Math.min(stride, size), 1);
  const total = Math.max((Math.ceil(size / step) - 1) * step + reach - size, 0);
  return { stride: step, before: Math.floor(total / 2), after: Math.ceil(total / 2) };
}

/** Padding as numbers, but for "same", which depends on the image. */
export const paddingOption: Reader<Pair | "same"> = (name, given) => {
  if (given === "same") return "same";
  if (given === "valid") return [0, 0];
  if (typeof given === "string") {
    throw new ArgumentError(`${name} must be a number, [height, width], "same" or "valid", got ${show(given)}`);
  }
  return perAxis(0)(name, given);
};

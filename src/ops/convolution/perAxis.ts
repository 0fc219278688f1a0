import { ArgumentError, checkInteger, mostLength, type Reader, show } from "../../engine/index.js";

/** Axes that windows and kernels move along: of a signal, an image, a volume. */
export type SpatialRank = 1 | 2 | 3;

/** One number for each axis. */
export type Each<Rank extends SpatialRank> = {
  1: readonly [length: number];
  2: readonly [height: number, width: number];
  3: readonly [depth: number, height: number, width: number];
}[Rank];

/** One number for all axes, or one for each: [length], [height, width] or [depth, height, width]. */
export type PerAxis<Rank extends SpatialRank = 2> = number | Each<Rank>;

/** Zeros around an image: so many on both sides of each axis, none, or as many as keep its size where the stride is 1. */
export type Padding<Rank extends SpatialRank = 2> = PerAxis<Rank> | "valid" | "same";

/** One number for each axis of an image: height, width. */
export type Pair = Each<2>;

/** Names of the axes, for messages: "height, width". */
export function axisNames(rank: SpatialRank): string {
  return rank === 1 ? "length" : ["depth", "height", "width"].slice(3 - rank).join(", ");
}

/** A number for each axis: integers of at least `minimum` and below 2^31. */
export function perAxis<Rank extends SpatialRank = 2>(
  minimum: number,
  rank: Rank = 2 as Rank,
  ...words: readonly string[]
): Reader<Each<Rank>> {
  return (name, given) => {
    const each: unknown = typeof given === "number" ? Array<number>(rank).fill(given) : given;
    if (Array.isArray(each) && each.length === rank) {
      return Array.from(each as number[], (value) => checkInteger(name, value, minimum, mostLength)) as never;
    }
    const forms = ["a number", `[${axisNames(rank)}]`, ...words.map((word) => `"${word}"`)];
    throw new ArgumentError(`${name} must be ${forms.slice(0, -1).join(", ")} or ${forms.at(-1)}, got ${show(given)}`);
  };
}

/** What a window of `reach` positions that moves along an axis has around that axis. */
export interface Padded {
  /** No longer than the axis with its padding. */
  readonly stride: number;
  readonly before: number;
  readonly after: number;
}

/** Padding of an axis that depends on its length. */
export type PaddingWord = "same" | "causal";

/**
 * Padding along an axis of `size`. For "same" there are as many windows as strides begin on the axis, and the last ends with
 * the padding. For "causal" each window ends where its stride begins.
 */
export function padded(size: number, reach: number, stride: number, padding: number | PaddingWord): Padded {
  if (padding === "causal") return { stride: Math.min(stride, Math.max(size, 1)), before: reach - 1, after: 0 };
  if (padding !== "same") return { stride: Math.min(stride, size + 2 * padding), before: padding, after: padding };
  const step = Math.max(Math.min(stride, size), 1);
  const total = Math.max((Math.ceil(size / step) - 1) * step + reach - size, 0);
  return { stride: step, before: Math.floor(total / 2), after: Math.ceil(total / 2) };
}

/** Padding as numbers, but for words that depend on the image. @param words those there are besides "same" and "valid" */
export function paddingReader<Rank extends SpatialRank, Word extends "causal" = never>(
  rank: Rank,
  ...words: readonly Word[]
): Reader<Each<Rank> | "same" | Word> {
  return (name, given) => {
    if (given === "same" || words.includes(given as Word)) return given as "same" | Word;
    return perAxis(0, rank, "same", "valid", ...words)(name, given === "valid" ? 0 : given);
  };
}

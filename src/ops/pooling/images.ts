import { ArgumentError, checkInteger, mostLength, type Reader, ShapeError, show } from "../../engine/index.js";
import { formatValue, reshaped, sizeOf, type Value } from "../../graph/index.js";
import { axisNames, type SpatialRank } from "../convolution/perAxis.js";
import type { AxisMap } from "./axisMap.js";

/** One number for all axes between batch and channels, or one for each. */
export type PerAxes = number | readonly number[];

/** "[height, width]" for 2. */
const listOf = (rank: number): string => `[${axisNames(rank as SpatialRank)}]`;

/** One value for each of `rank` axes, each read by `reader`. */
export function eachAxis<T>(rank: number, reader: Reader<T>): Reader<readonly T[]> {
  return (name, given) => {
    if (!Array.isArray(given)) {
      if (typeof given !== "number" && given !== null) {
        throw new ArgumentError(`${name} must be a number or ${listOf(rank)}, got ${show(given)}`);
      }
      return Array.from({ length: rank }, () => reader(name, given));
    }
    if (given.length !== rank)
      throw new ArgumentError(`${name} must be a number or ${listOf(rank)}, got ${show(given)}`);
    return Array.from(given as unknown[], (part) => reader(name, part));
  };
}

/** Integers of at least `minimum` and below 2³¹. */
export function perAxes(rank: number, minimum: number): Reader<readonly number[]> {
  return eachAxis(rank, (name, given) => checkInteger(name, given as number, minimum, mostLength));
}

const shapes = ["[B, L, C]", "[B, H, W, C]", "[B, D, H, W, C]"];

/** Throws ShapeError unless x has a batch, `rank` axes and channels, of which the batch alone may be empty. */
export function checkImages(operation: string, x: Value, rank: number): void {
  if (x.shape.length === rank + 2 && !x.shape.includes(0, 1)) return;
  throw new ShapeError(
    `${operation}: wants x of shape ${shapes[rank - 1] ?? "[B, …, C]"} with nothing but the batch empty, got ${formatValue(x)}`,
  );
}

/** Whether a map leaves every element as it is. */
function isIdentity(map: AxisMap): boolean {
  if (map.length !== map.count) return false;
  if (map.kind === "window") return map.kernel === 1 && (typeof map.divisor !== "number" || map.divisor === 1);
  return map.kind !== "nearest" || map.step === 1;
}

/**
 * Applies something to [B, …, C] along each axis between, two at a time as those of images [A, H, W, C]; a map is null where it
 * changes nothing. All are views, so that two records do for three axes.
 */
export function byImages<M extends AxisMap>(
  x: Value,
  maps: readonly M[],
  apply: (images: Value, maps: readonly [rows: M | null, columns: M | null], isLast: boolean) => Value,
): Value {
  const [batch, ...rest] = x.shape as [number, ...number[]];
  const channels = rest.pop()!;
  const [first, second, third] = maps.map((map) => (isIdentity(map) ? null : map)) as [M | null, M | null, M | null];
  if (maps.length === 2) return apply(x, [first, second], true);
  if (maps.length === 1) {
    const y = apply(reshaped(x, [batch, rest[0]!, 1, channels]), [first, null], true);
    return reshaped(y, [batch, maps[0]!.count, channels]);
  }
  const [depth, height, width] = rest as [number, number, number];
  const slices = apply(reshaped(x, [batch * depth, height, width, channels]), [second, third], false);
  const pixels = sizeOf(slices.shape.slice(1, 3));
  const y = apply(reshaped(slices, [batch, depth, pixels, channels]), [first, null], true);
  return reshaped(y, [batch, ...maps.map(({ count }) => count), channels]);
}

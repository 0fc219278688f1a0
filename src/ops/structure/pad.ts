import { ArgumentError, numberFrom, oneOf, optional, type Reader, ShapeError, show } from "../../engine/index.js";
import { define, formatValue, type Value } from "../../graph/index.js";
import { embedded, sliced } from "./slice.js";
import { taken } from "./take.js";

/** How many elements are added before and after each axis. */
type Padding = readonly (readonly [before: number, after: number])[];

const modes = ["constant", "reflect", "replicate"] as const;
/** What `pad` adds. */
export type PadMode = (typeof modes)[number];

export interface PadOptions {
  /**
   * What is added to each axis, from the first: [before, after], or one number for both; a number alone is for all sides. Negative
   * numbers take away. Axes that are not named stay.
   */
  readonly padding: number | readonly (number | readonly [before: number, after: number])[];
  /**
   * With what: one number, what lies within, mirrored at the first and last element, or these elements again and again. Default
   * "constant".
   */
  readonly mode?: PadMode;
  /** That number. Default 0. */
  readonly value?: number;
}

const paddingReader: Reader<PadOptions["padding"]> = (name, given) => {
  const isSide = (part: unknown): boolean => Number.isInteger(part);
  const isAxis = (part: unknown): boolean =>
    isSide(part) || (Array.isArray(part) && part.length === 2 && Array.from(part as unknown[]).every(isSide));
  if (isSide(given) || (Array.isArray(given) && Array.from(given as unknown[]).every(isAxis))) {
    return given as PadOptions["padding"];
  }
  throw new ArgumentError(
    `${name} must be what to add on all sides, or an array with [before, after] for each axis from the first, such as ` +
      `[[0, 0], [1, 1]]; got ${show(given)}`,
  );
};

const defaults: { padding: Padding; mode: PadMode; value: number } = { padding: [], mode: "constant", value: 0 };

export const padOperation = /* @__PURE__ */ define({
  name: "pad",
  inputs: ["x"],
  otherTypes: ["x"],
  attributes: defaults,
  options: () => ({
    padding: paddingReader,
    mode: optional(oneOf(modes), defaults.mode),
    value: optional(numberFrom(-Infinity), 0),
  }),
  fit({ x }, { padding, mode, value }) {
    if (typeof padding !== "number" && padding.length > x.shape.length) {
      throw new ShapeError(`pad: got padding ${show(padding)} for ${formatValue(x)}, which has fewer axes`);
    }
    const pairs = x.shape.map((_, axis): [number, number] => {
      const given = typeof padding === "number" ? padding : (padding[axis] ?? 0);
      return typeof given === "number" ? [given, given] : [given[0], given[1]];
    });
    return { padding: pairs, mode, value };
  },
  shape({ x }, { padding, mode }) {
    const shape = x.shape.map((length, axis) => {
      const [before, after] = padding[axis]!;
      const padded = length + before + after;
      if (padded < 0 || length + Math.min(before, 0) < 0 || length + Math.min(after, 0) < 0) {
        throw new ShapeError(
          `pad: padding [${before}, ${after}] takes more than axis ${axis} of ${formatValue(x)} has`,
        );
      }
      const longest = Math.max(before, after);
      if (longest > 0 && ((mode === "reflect" && longest >= length) || (mode === "replicate" && length === 0))) {
        throw new ShapeError(
          `pad: padding [${before}, ${after}] along axis ${axis} of ${formatValue(x)}: ` +
            (mode === "reflect" ? "what is reflected must be shorter than the axis" : "there is nothing to replicate"),
        );
      }
      return padded;
    });
    return { y: { shape, dataType: x.dataType } };
  },
  compose: ({ x }, { padding, mode, value }) => ({
    y: mode === "constant" ? paddedBy(x, padding, value) : continued(x, padding, mode),
  }),
});

/** x, without what negative padding takes away, in the midst of one number. */
function paddedBy(x: Value, padding: Padding, value: number): Value {
  const zero = x.shape.map(() => 0);
  const steps = x.shape.map(() => 1);
  const starts = padding.map(([before]) => Math.max(-before, 0));
  const lengths = x.shape.map((length, axis) => Math.max(length - starts[axis]! - Math.max(-padding[axis]![1], 0), 0));
  const isCut = lengths.some((length, axis) => length !== x.shape[axis]);
  const part = isCut ? sliced(x, { starts, steps, lengths }) : x;
  const places = padding.map(([before]) => Math.max(before, 0));
  const shape = lengths.map((length, axis) => places[axis]! + length + Math.max(padding[axis]![1], 0));
  return embedded(part, { starts: lengths.includes(0) ? zero : places, steps, shape, value });
}

/** x with elements of its own around it, axis by axis. */
function continued(x: Value, padding: Padding, mode: PadMode): Value {
  return padding.reduce((y, [before, after], axis) => {
    if (before === 0 && after === 0) return y;
    const last = x.shape[axis]! - 1;
    const inside = (place: number): number => {
      if (mode === "replicate") return Math.min(Math.max(place, 0), last);
      return place < 0 ? -place : place > last ? 2 * last - place : place;
    };
    const places = Int32Array.from({ length: last + 1 + before + after }, (_, i) => inside(i - before));
    const indices = x.graph.constant([places.length], places, `places of padding along axis ${axis}`);
    return taken(y, indices, axis);
  }, x);
}

/**
 * x with more elements around it, or fewer, of any type. A number or an array in the place of the options is the padding: pad(x, 1)
 * adds a border of zeros, pad(x, [[0, 0], [1, 2]]) a column before and two after each row.
 * @throws ArgumentError for padding that is none, ShapeError for more axes than x has, and for a reflection as long as the axis
 */
export function pad(x: Value, options: PadOptions | PadOptions["padding"]): Value {
  const given = typeof options === "number" || Array.isArray(options) ? { padding: options } : options;
  return padOperation.call({ x }, given).y;
}

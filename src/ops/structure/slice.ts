import { ArgumentError, halfBits, ShapeError, show, unread } from "../../engine/index.js";
import {
  axesOf,
  axesReader,
  bitsOf,
  checkValues,
  define,
  type Emitter,
  emitStridedCopy,
  type DataType,
  denseStrides,
  formatValue,
  reshaped,
  type Shape,
  type Value,
} from "../../graph/index.js";

/**
 * What is taken along an axis: [start, end, step], of which end and step may be left out, and all may be null, as between colons in
 * Python; a number takes that one element, and the axis goes; null takes all. Negative numbers count from the end.
 */
export type SliceRange = number | null | readonly (number | null | undefined)[];

/** Elements start, start + step, … along each axis. */
interface Picked {
  readonly starts: readonly number[];
  readonly steps: readonly number[];
}

interface SliceAttributes extends Picked {
  /** How many there are: the shape. */
  readonly lengths: Shape;
}

const nothing: SliceAttributes = { starts: [], steps: [], lengths: [] };

/** Start, step and length along an axis of `length`, by the rules of Python. */
function resolve(x: Value, axis: number, range: SliceRange | undefined) {
  const length = x.shape[axis]!;
  const wrong = (problem: string): ArgumentError =>
    new ArgumentError(
      `slice: ${problem} for axis ${axis} of ${formatValue(x)}; ` +
        "write [start, end, step] as in start:end:step, an index, or null for all",
    );
  const integer = (part: unknown): number | undefined => {
    if (part === null || part === undefined) return undefined;
    if (!Number.isInteger(part)) throw wrong(`got ${show(part)}`);
    return part as number;
  };
  if (typeof range === "number") {
    const index = integer(range)!;
    if (index < -length || index >= length) {
      throw new ShapeError(`slice: there is no index ${index} along axis ${axis} of ${formatValue(x)}`);
    }
    return { start: index < 0 ? index + length : index, step: 1, count: 1 };
  }
  const given: unknown = range ?? [];
  if (!Array.isArray(given) || given.length > 3) throw wrong(`got ${show(given)}`);
  const [start, end, step = 1] = Array.from(given as unknown[], integer);
  if (step === 0) throw wrong("a step must not be 0");
  const [least, most] = step > 0 ? [0, length] : [-1, length - 1];
  const within = (part: number): number => Math.min(Math.max(part < 0 ? part + length : part, least), most);
  const first = start === undefined ? (step > 0 ? least : most) : within(start);
  const last = end === undefined ? (step > 0 ? most : least) : within(end);
  const count = Math.max(Math.ceil((last - first) / step), 0);
  return { start: count === 0 ? 0 : first, step, count };
}

export const sliceOperation = /* @__PURE__ */ define({
  name: "slice",
  inputs: ["x"],
  otherTypes: ["x"],
  attributes: nothing,
  options: () => ({ ranges: unread<readonly SliceRange[]>() }),
  isPositional: true,
  fit({ x }, { ranges }) {
    if (!Array.isArray(ranges) || ranges.length > x.shape.length) {
      throw new ArgumentError(
        `slice: ranges must be an array of what to take along each axis of ${formatValue(x)}, such as [null, [1, −1]]; ` +
          `got ${show(ranges)}`,
      );
    }
    const found = x.shape.map((_, axis) => resolve(x, axis, ranges[axis] as SliceRange | undefined));
    return {
      starts: found.map(({ start }) => start),
      steps: found.map(({ step }) => step),
      lengths: found.map(({ count }) => count),
    };
  },
  shape: ({ x }, { lengths }) => ({ y: { shape: lengths, dataType: x.dataType } }),
  view: (strides, { attributes: { starts, steps } }) => ({
    offset: strides.reduce((offset, stride, axis) => offset + stride * starts[axis]!, 0),
    strides: strides.map((stride, axis) => stride * steps[axis]!),
  }),
  gradient: ({ inputs: { x }, attributes, upstreams: { y: dy } }) => ({
    x: isWhole(x.shape, attributes) ? sliced(dy, attributes) : embedded(dy, { ...attributes, shape: x.shape }),
  }),
});

/** The elements of x at these places. */
export function sliced(x: Value, attributes: SliceAttributes): Value {
  return sliceOperation.apply({ x }, attributes).y;
}

/** A part of x that lies together, from `start` on along one axis. */
export function partOf(x: Value, lengths: Shape, axis = 0, start = 0): Value {
  const starts = lengths.map((_, i) => (i === axis ? start : 0));
  return sliced(x, { starts, steps: lengths.map(() => 1), lengths });
}

/** Whether every element is taken, so that backwards is the only change. It is undone by doing it again. */
function isWhole(shape: Shape, { lengths, steps }: SliceAttributes): boolean {
  return shape.every((length, axis) => length === lengths[axis] && (length <= 1 || Math.abs(steps[axis]!) === 1));
}

interface EmbedAttributes extends Picked {
  readonly shape: Shape;
  /** What stands elsewhere. */
  readonly value: number;
}

const noEmbedding: EmbedAttributes = { starts: [], steps: [], shape: [], value: 0 };

/** x at places of a larger tensor, and one number everywhere else: the adjoint of a slice. */
export const embedOperation = /* @__PURE__ */ define({
  name: "embed",
  inputs: ["x"],
  otherTypes: ["x"],
  attributes: noEmbedding,
  shape: ({ x }, { shape }) => ({ y: { shape, dataType: x.dataType } }),
  lower(emit, { inputs: { x }, outputs: { y }, attributes: { starts, steps, value } }) {
    const strides = denseStrides(y.shape);
    const data = emit.data(y);
    emitFill(emit, y, value);
    const offset = strides.reduce((sum, stride, axis) => sum + stride * starts[axis]!, 0);
    const to = {
      data: data.view((offset * y.bytes) / Math.max(y.size, 1)),
      strides: strides.map((stride, axis) => stride * steps[axis]!),
    };
    emitStridedCopy(emit, { from: emit.strided(x), to, shape: x.shape, dataType: x.dataType });
  },
  gradient: ({ inputs: { x }, attributes: { starts, steps }, upstreams: { y: dy } }) => ({
    x: sliced(dy, { starts, steps, lengths: x.shape }),
  }),
});

export function embedded(x: Value, attributes: Partial<EmbedAttributes>): Value {
  return embedOperation.apply({ x }, attributes).y;
}

/** Emits the record that fills a value with one number. */
function emitFill(emit: Emitter, y: Value, value: number): void {
  const bits = elementBits(value, y.dataType);
  const number = emit.constant(`a number ${bits}`, 1, (table) => table.fill(bits));
  const zeros = y.shape.map(() => 0);
  const to = { data: emit.data(y), strides: denseStrides(y.shape) };
  emitStridedCopy(emit, { from: { data: number, strides: zeros }, to, shape: y.shape, dataType: y.dataType });
}

/** An element in the first bytes of a word. */
function elementBits(value: number, dataType: DataType): number {
  if (dataType === "f32") return bitsOf(value);
  return dataType === "f16" ? halfBits(value) : value;
}

/**
 * Elements of x by ranges along its axes, as x[…] in NumPy and PyTorch: slice(x, [null, [1, −1], [null, null, 2], 0]) is
 * x[:, 1:−1, ::2, 0]. Axes that are not named are taken whole. Nothing is moved until something wants it so.
 * @throws ArgumentError for ranges that are none, ShapeError for an index that is not there
 */
export function slice(x: Value, ranges: readonly SliceRange[]): Value {
  const { y } = sliceOperation.call({ x }, { ranges });
  return reshaped(
    y,
    y.shape.filter((_, axis) => typeof ranges[axis] !== "number"),
  );
}

/** x backwards along some axes; along all by default. Throws ShapeError for axes that x does not have. */
export function flip(x: Value, axes?: number | readonly number[]): Value {
  checkValues("flip", x);
  const flipped = axesOf("flip", x, axesReader("flip: axes", axes));
  const isFlipped = x.shape.map((_, axis) => flipped.includes(axis));
  const attributes: SliceAttributes = {
    starts: x.shape.map((length, axis) => (isFlipped[axis] ? Math.max(length - 1, 0) : 0)),
    steps: isFlipped.map((is) => (is ? -1 : 1)),
    lengths: x.shape,
  };
  return sliced(x, attributes);
}

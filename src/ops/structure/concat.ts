import { ArgumentError, show, ShapeError } from "../../engine/index.js";
import {
  axisOf,
  bytesOfType,
  checkValues,
  define,
  denseStrides,
  emitStridedCopy,
  formatValue,
  titleOfType,
  Value,
} from "../../graph/index.js";
import { axisReader, checkAlike, newAxisOf, withLength } from "./axes.js";
import { partOf } from "./slice.js";
import { unsqueezed } from "./squeeze.js";

/** Values that one node joins; more are joined in turn. */
const most = 32;
const names = Array.from({ length: most }, (_, i) => `x${i}`);

type Joined = Readonly<Record<string, Value | undefined>>;

function listed(inputs: Joined): readonly Value[] {
  return names.flatMap((name) => inputs[name] ?? []);
}

/** Each value with where it begins along the axis. */
function places(values: readonly Value[], axis: number): readonly (readonly [Value, number])[] {
  let start = 0;
  return values.map((value) => {
    start += value.shape[axis]!;
    return [value, start - value.shape[axis]!] as const;
  });
}

export const concatOperation = /* @__PURE__ */ define<string, { axis: number }>({
  name: "concat",
  inputs: names.map((name, i) => (i === 0 ? name : `${name}?`)),
  otherTypes: names,
  attributes: { axis: 0 },
  shape(inputs, { axis }) {
    const values = listed(inputs);
    const [first] = values as [Value];
    for (const value of values) {
      checkAlike("concat", first, value, axis);
      if (value.dataType === first.dataType) continue;
      throw new ArgumentError(
        `concat: ${first.label} holds ${titleOfType(first.dataType)} and ${value.label} ${titleOfType(value.dataType)}; ` +
          `convert one of them, such as by cast(x, "${first.dataType}")`,
      );
    }
    const length = values.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    return { y: { shape: withLength(first.shape, axis, length), dataType: first.dataType } };
  },
  lower(emit, { inputs, outputs, attributes: { axis } }) {
    const y = outputs["y"];
    const strides = denseStrides(y.shape);
    const data = emit.data(y);
    for (const [value, start] of places(listed(inputs), axis)) {
      const to = { data: data.view(start * strides[axis]! * bytesOfType(y.dataType)), strides };
      emitStridedCopy(emit, { from: emit.strided(value), to, shape: value.shape, dataType: y.dataType });
    }
  },
  gradient({ inputs, attributes: { axis }, upstreams }) {
    const dy = upstreams["y"];
    const parts = places(listed(inputs), axis).map(([{ shape }, start], i): [string, Value] => {
      return [names[i]!, partOf(dy, shape, axis, start)];
    });
    return Object.fromEntries(parts);
  },
});

function checkList(operation: string, values: unknown): readonly [Value, ...Value[]] {
  const list = Array.isArray(values) ? Array.from(values as unknown[]) : [];
  const wrong = list.findIndex((value) => !(value instanceof Value));
  if (list.length > 0 && wrong < 0) return list as [Value, ...Value[]];
  const found = wrong >= 0 ? `${show(list[wrong])} in place ${wrong}` : show(values);
  throw new ArgumentError(
    `${operation}: values must be an array of one or more values of a graph, got ${found}. Write ${operation}([a, b], axis)`,
  );
}

function joined(values: readonly Value[], axis: number): Value {
  if (values.length === 1) return values[0]!;
  const groups = Array.from({ length: Math.ceil(values.length / most) }, (_, i) =>
    values.slice(i * most, (i + 1) * most),
  );
  if (groups.length > 1) {
    return joined(
      groups.map((group) => joined(group, axis)),
      axis,
    );
  }
  return concatOperation.apply(Object.fromEntries(values.map((value, i) => [names[i]!, value])), { axis })["y"];
}

/**
 * Values one after another along an axis, along which alone their shapes may differ. Negative axes count from the last.
 * @throws ShapeError for shapes that differ otherwise, ArgumentError for types that do
 */
export function concat(values: readonly Value[], axis = 0): Value {
  const list = checkList("concat", values);
  return joined(list, ownAxisOf("concat", list[0], axis));
}

/** Values of one shape along a new axis: n of [3, 4] give [n, 3, 4]. Negative axes count from the last of the result. */
export function stack(values: readonly Value[], axis = 0): Value {
  const list = checkList("stack", values);
  const [first] = list;
  const place = newAxisOf("stack", first, axisReader("stack: axis", axis));
  for (const value of list) checkAlike("stack", first, value, -1);
  return joined(
    list.map((value) => unsqueezed(value, place)),
    place,
  );
}

/** An axis of values that have some. Throws ShapeError for one number, which has no parts. */
function ownAxisOf(operation: string, x: Value, axis: number): number {
  if (x.shape.length === 0) throw new ShapeError(`${operation}: wants values with an axis, got ${formatValue(x)}`);
  return axisOf(operation, x, axisReader(`${operation}: axis`, axis));
}

/** The parts of x along an axis that begin one after another and have these lengths. */
function partsOf(x: Value, lengths: readonly number[], axis: number): readonly Value[] {
  let start = 0;
  return lengths.map((length) => {
    start += length;
    return partOf(x, withLength(x.shape, axis, length), axis, start - length);
  });
}

/**
 * x in parts along an axis, as PyTorch has it: `sizes` are their lengths, or one number is the length of each but the last, which
 * may be shorter. Negative axes count from the last. Nothing is moved until something wants it so.
 * @throws ShapeError for lengths that do not add up to that of the axis, ArgumentError for what are no lengths
 */
export function split(x: Value, sizes: number | readonly number[], axis = 0): readonly Value[] {
  checkValues("split", x);
  const place = ownAxisOf("split", x, axis);
  const length = x.shape[place]!;
  const isLength = (size: unknown): boolean => Number.isInteger(size) && (size as number) >= 0;
  if (typeof sizes === "number" && isLength(sizes) && sizes > 0) {
    const parts = Math.max(Math.ceil(length / sizes), 1);
    return partsOf(
      x,
      Array.from({ length: parts }, (_, i) => Math.min(sizes, length - i * sizes)),
      place,
    );
  }
  if (!Array.isArray(sizes) || !Array.from(sizes as unknown[]).every(isLength)) {
    throw new ArgumentError(
      `split: sizes must be the lengths of the parts, such as [2, 3], or one length for all; got ${show(sizes)}`,
    );
  }
  const lengths = sizes as readonly number[];
  if (lengths.reduce((sum, size) => sum + size, 0) !== length) {
    throw new ShapeError(`split: lengths ${show(lengths)} do not add up to axis ${place} of ${formatValue(x)}`);
  }
  return partsOf(x, lengths, place);
}

/**
 * x in so many parts along an axis, or fewer, as PyTorch has it: all have the length ⌈length / chunks⌉ but the last, which may be
 * shorter. Negative axes count from the last.
 * @throws ArgumentError for a number of chunks that is none
 */
export function chunk(x: Value, chunks: number, axis = 0): readonly Value[] {
  checkValues("chunk", x);
  const place = ownAxisOf("chunk", x, axis);
  if (!Number.isInteger(chunks) || chunks < 1) {
    throw new ArgumentError(`chunk: chunks must be a number of parts, 1 at least; got ${show(chunks)}`);
  }
  return split(x, Math.max(Math.ceil(x.shape[place]! / chunks), 1), place);
}

import { ArgumentError, constants, flag, integerFrom, optional, readOptions, ShapeError } from "../../engine/index.js";
import {
  axisOf,
  copyOperation,
  define,
  formatValue,
  type Inputs,
  isInteger,
  reshaped,
  type Shape,
  type Specification,
  titleOfType,
  type Value,
} from "../../graph/index.js";
import { carrying, functionWithOptions } from "../publicFunction.js";
import { alongAxis, axisReader, withLength } from "./axes.js";
import { gathered } from "./gather.js";
import { partOf } from "./slice.js";

/** Options of `sort` and `argsort`. */
export interface SortOptions {
  /** Negative ones count from the last. Default −1. */
  readonly axis?: number;
  /** Largest first. Default false. */
  readonly descending?: boolean;
}

/** Elements of a value, and where they stood in it along the axis: int32. */
export interface Sorted {
  readonly values: Value;
  readonly indices: Value;
}

/** A scalar is sorted as one element. */
const withAxis = (x: Value): Value => (x.shape.length === 0 ? reshaped(x, [1]) : x);

/** What definitions of operations that sort have in common. */
function sorting(name: string) {
  return {
    name,
    inputs: ["x"] as const,
    otherTypes: ["x"] as const,
    attributes: { axis: -1, descending: false },
    options: () => ({ axis: optional(axisReader, -1), descending: optional(flag, false) }),
    fit: ({ x }: Inputs<"x">, { axis, descending }: Required<SortOptions>) => ({
      ...{ axis: axisOf(name, withAxis(x), axis), descending },
    }),
  };
}

/** The type of places in x. Throws ArgumentError for a type that has no order of its own. */
function placesIn(operation: string, { dataType, label }: Value): "i32" {
  if (dataType === "f32" || dataType === "i32") return "i32";
  throw new ArgumentError(
    `${operation}: sorts float32 or int32, ${label} holds ${titleOfType(dataType)}; convert it by cast(x, "f32") or "i32"`,
  );
}

export const argsortOperation = /* @__PURE__ */ define({
  ...sorting("argsort"),
  isConstant: true,
  shape: ({ x }) => ({ y: { shape: x.shape, dataType: placesIn("argsort", x) } }),
  lower(emit, { inputs: { x }, outputs: { y }, attributes: { axis, descending } }) {
    const along = alongAxis(withAxis(x).shape, axis);
    const slots = Math.min(emit.threads, Math.max(along.A * along.C, 1));
    const scratch = emit.scratch(slots * (16 * along.K + constants.argsortTableBytes), "keys and places");
    emit.record("argsort", { x, y, scratch, ...along, slots, descending, isInteger: isInteger(x) });
  },
});

/**
 * Where the elements of x come from when they are sorted along an axis: int32, of the shape of x. Equal ones keep their order. NaN
 * counts as larger than all numbers, −0 as 0, as PyTorch has it. float32 or int32. Has no gradient.
 * @throws ShapeError for an axis that x does not have, ArgumentError for other types
 */
export const argsort: (x: Value, options?: SortOptions) => Value =
  /* @__PURE__ */ functionWithOptions(argsortOperation);

/** The elements of x along an axis in order, or the first of them, and where they stood, of a shape. */
function sorted(x: Value, axis: number, descending: boolean, shape: Shape): Sorted {
  const whole = withAxis(x);
  const places = argsortOperation.apply({ x: whole }, { axis, descending }).y;
  const count = shape.length === 0 ? 1 : shape[axis]!;
  const isPart = count < whole.shape[axis]!;
  const first = isPart ? partOf(places, withLength(whole.shape, axis, count), axis) : places;
  // In memory of their own, so that those of all elements need not be kept.
  const indices = isPart ? copyOperation.apply({ x: first }).y : first;
  return { values: reshaped(gathered(whole, indices, axis), shape), indices: reshaped(indices, shape) };
}

/** What `values` and `indices` are. */
function pairOf(operation: string, x: Value, shape: Shape): Readonly<Record<keyof Sorted, Specification>> {
  return { values: { shape, dataType: x.dataType }, indices: { shape, dataType: placesIn(operation, x) } };
}

export const sortOperation = /* @__PURE__ */ define({
  ...sorting("sort"),
  outputs: ["values", "indices"],
  shape: ({ x }) => pairOf("sort", x, x.shape),
  compose: ({ x }, { axis, descending }) => sorted(x, axis, descending, x.shape),
});

/**
 * The elements of x along an axis in ascending order, and where they stood there: { values, indices }, both of the shape of x. The
 * order is that of `argsort`. The gradient goes through the values.
 * @throws as `argsort`
 */
export const sort = /* @__PURE__ */ carrying(sortOperation, (x: Value, options: SortOptions = {}): Sorted =>
  sortOperation.call({ x }, options),
);

/** Options of `topK`. */
export interface TopKOptions {
  /** Negative ones count from the last. Default −1. */
  readonly axis?: number;
  /** Largest, not smallest. Default true. */
  readonly largest?: boolean;
  /** Whether they must be in order. They are in any case; false asks for no more than PyTorch promises. Default true. */
  readonly sorted?: boolean;
}

/** The shape of the first k elements along an axis; of a scalar, that of one. */
const firstShape = (x: Value, axis: number, k: number): Shape =>
  x.shape.length === 0 && k === 1 ? [] : withLength(withAxis(x).shape, axis, k);

const topKOptions = () => ({
  axis: optional(axisReader, -1),
  largest: optional(flag, true),
  sorted: optional(flag, true),
});

export const topKOperation = /* @__PURE__ */ define({
  name: "topK",
  inputs: ["x"],
  otherTypes: ["x"],
  outputs: ["values", "indices"],
  attributes: { k: 1, axis: -1, largest: true },
  options: () => ({ k: integerFrom(0), ...topKOptions() }),
  fit({ x }, { k, axis: given, largest }) {
    const axis = axisOf("topK", withAxis(x), given);
    const length = withAxis(x).shape[axis]!;
    if (k <= length) return { k, axis, largest };
    throw new ShapeError(
      `topK: axis ${axis} of ${formatValue(x)} has ${length} elements, k must not be above it; got ${k}`,
    );
  },
  shape: ({ x }, { k, axis }) => pairOf("topK", x, firstShape(x, axis, k)),
  compose: ({ x }, { k, axis, largest }) => sorted(x, axis, largest, firstShape(x, axis, k)),
});

/**
 * The k largest elements of x along an axis, or the smallest, in order, and where they stood there: { values, indices }, of length k
 * along the axis. The order is that of `sort`, so NaN counts as largest. The gradient goes through the values.
 * @throws as `argsort`, and ShapeError for a k beyond the length of the axis
 */
export const topK = /* @__PURE__ */ carrying(topKOperation, (x: Value, k: number, options: TopKOptions = {}): Sorted =>
  topKOperation.call(
    { x },
    { k, ...readOptions<TopKOptions, ReturnType<typeof topKOptions>>("topK", options, topKOptions(), "topK: ") },
  ),
);

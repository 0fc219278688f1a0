import { flag, optional, ShapeError } from "../../engine/index.js";
import {
  axesOf,
  define,
  formatValue,
  keptShape,
  type Operation,
  reducedShape,
  sizeOf,
  type Value,
} from "../../graph/index.js";
import { axisReader } from "../structure/axes.js";

/** Options of `argMax` and `argMin`. */
export interface ArgMaxOptions {
  /** Along which axis; negative ones count from the last. Default: among all elements, in row-major order. */
  readonly axis?: number;
  /** Whether it stays as an axis of length 1. Default false. */
  readonly keepDims?: boolean;
}

interface Attributes {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

const none: Attributes = { axes: [], keepDims: false };

function argument(name: "argMax" | "argMin"): Operation<"x", Attributes, "y"> {
  return define({
    name,
    inputs: ["x"],
    isConstant: true,
    attributes: none,
    options: () => ({ axis: optional(axisReader), keepDims: optional(flag, false) }),
    fit({ x }, { axis, keepDims }) {
      return { axes: axesOf(name, x, axis === undefined ? undefined : [axis]), keepDims };
    },
    shape({ x }, { axes, keepDims }) {
      if (sizeOf(axes.map((axis) => x.shape[axis]!)) === 0) {
        throw new ShapeError(`${name}: there is none of no elements, got ${formatValue(x)}`);
      }
      const shape = keepDims ? keptShape(x.shape, axes) : reducedShape(x.shape, axes, false);
      return { y: { shape, dataType: "i32" } };
    },
    lower(emit, { inputs: { x }, outputs: { y }, attributes: { axes } }) {
      const [first = 0] = axes;
      const outer = sizeOf(x.shape.slice(0, first));
      const length = sizeOf(axes.map((axis) => x.shape[axis]!));
      const inner = sizeOf(x.shape.slice(first + axes.length));
      emit.record("argMaximum", { x, y, outer, length, inner, isMinimum: name === "argMin" });
    },
  });
}

export const argMaxOperation = /* @__PURE__ */ argument("argMax");
export const argMinOperation = /* @__PURE__ */ argument("argMin");

/**
 * Where the largest element is, along an axis or among all: the first of equal ones, as int32. NaN counts as beyond all numbers.
 * Has no gradient.
 * @throws ShapeError for an axis that x does not have, and of no elements; ArgumentError for integers
 */
export function argMax(x: Value, options: ArgMaxOptions = {}): Value {
  return argMaxOperation.call({ x }, options).y;
}

/** Where the smallest element is; all else as `argMax`. */
export function argMin(x: Value, options: ArgMaxOptions = {}): Value {
  return argMinOperation.call({ x }, options).y;
}

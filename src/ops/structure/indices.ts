import { ArgumentError, ShapeError } from "../../engine/index.js";
import { formatValue, titleOfType, type Value } from "../../graph/index.js";
import { axisReader } from "./axes.js";
import { cast } from "../elementwise/cast.js";
import { notEqual } from "../elementwise/comparisons.js";
import { logicalAnd } from "../elementwise/logical.js";

/** How operations that pick by indices read their axis. */
export const indexOptions = () => ({
  axis: (name: string, given: unknown) => (given === undefined ? 0 : axisReader(name, given)),
});

/** Throws ArgumentError unless indices are int32, and, where they are known already, within the axis. */
export function checkIndices(operation: string, indices: Value, x: Pick<Value, "label" | "shape">, axis: number): void {
  if (indices.dataType !== "i32") {
    throw new ArgumentError(
      `${operation}: indices must be int32, ${indices.label} holds ${titleOfType(indices.dataType)}; ` +
        'convert it by cast(indices, "i32")',
    );
  }
  const length = x.shape[axis]!;
  const { constant } = indices;
  const known = typeof constant === "number" ? [constant] : [...(constant ?? [])];
  const wrong = indices.size > 0 ? known.find((index) => index < -length || index >= length) : undefined;
  if (wrong === undefined && (length > 0 || indices.size === 0)) return;
  throw new ShapeError(
    `${operation}: there is no index ${wrong ?? "at all"} along axis ${axis} of ${formatValue(x)}; ` +
      `write ${-length} … ${length - 1}`,
  );
}

/** Throws ArgumentError unless elements can be added. */
export function checkSum(operation: string, x: Value): void {
  if (x.dataType === "f32" || x.dataType === "i32") return;
  throw new ArgumentError(
    `${operation}: adds float32 or int32, ${x.label} holds ${titleOfType(x.dataType)}; convert it by cast(x, "f32") or "i32"`,
  );
}

/** What is added: a gradient in float32. */
export function summand(dy: Value): Value {
  return dy.dataType === "f16" ? cast(dy, "f32") : dy;
}

/** Whether indices along an axis of so many elements mean another place than this. */
export function isOther(indices: Value, place: number, length: number): Value {
  return logicalAnd(notEqual(indices, place), notEqual(indices, place - length));
}

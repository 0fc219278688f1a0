import { ShapeError } from "../engine/index.js";
import { formatValue, type Value } from "./node.js";
import type { Shape } from "./shape.js";

/**
 * The shape that values broadcast to, as NumPy has it: aligned at their last axes, an axis of length 1 or that is missing is
 * repeated.
 * @param values by what the operation calls them
 * @throws ShapeError if their lengths differ along an axis and neither is 1
 */
export function broadcastShape(operation: string, values: Readonly<Record<string, Value>>): Shape {
  const given = Object.values(values);
  const axes = Math.max(...given.map(({ shape }) => shape.length));
  return Array.from({ length: axes }, (_, axis) => {
    const lengths = given.map(({ shape }) => shape[shape.length - axes + axis] ?? 1);
    const length = lengths.find((other) => other !== 1) ?? 1;
    if (lengths.every((other) => other === 1 || other === length)) return length;
    const list = Object.entries(values).map(([name, value]) => `${name}: ${formatValue(value)}`);
    throw new ShapeError(
      `${operation}: shapes do not broadcast; along an axis, counted from the last, lengths must be equal or 1. ` +
        `Got ${list.join("; ")}`,
    );
  });
}

/** Whether a value of `shape` reads as one of `wanted`. */
export function broadcastsTo(shape: Shape, wanted: Shape): boolean {
  const missing = wanted.length - shape.length;
  return missing >= 0 && shape.every((length, axis) => length === 1 || length === wanted[missing + axis]);
}

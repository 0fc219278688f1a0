import { ArgumentError, flag, optional, type OptionsRead, type Reader, ShapeError, show } from "../../engine/index.js";
import { formatValue, type Value } from "../node.js";
import type { Shape } from "../shape.js";

/** Axes as callers name them: one, several, or undefined for all. Negative ones count from the last. */
export const axesReader: Reader<readonly number[] | undefined> = (name, given) => {
  if (given === undefined) return undefined;
  const list: unknown = typeof given === "number" ? [given] : given;
  if (!Array.isArray(list) || !(list as unknown[]).every(Number.isInteger)) {
    throw new ArgumentError(
      `${name} must be an axis, such as −1 for the last, or an array of axes; got ${show(given)}`,
    );
  }
  return [...(list as number[])];
};

/** The options of a reduction: over which axes (default all), and whether they stay as axes of length 1. */
export const reductionOptions = () =>
  ({ axes: optional(axesReader, undefined), keepDims: optional(flag, false) }) as const;

/** What definitions of operations that form something over axes have in common. */
export function overAxes(name: string) {
  return {
    name,
    inputs: ["x"] as const,
    attributes: { axes: [] as readonly number[], keepDims: false },
    options: reductionOptions,
    fit: ({ x }: { readonly x: Value }, { axes, keepDims }: OptionsRead<ReturnType<typeof reductionOptions>>) => ({
      axes: axesOf(name, x, axes),
      keepDims,
    }),
    shape: ({ x }: { readonly x: Value }, { axes, keepDims }: OverAxes) => ({
      y: reducedShape(x.shape, axes, keepDims),
    }),
  };
}

/** Over which axes something is formed, in ascending order, and whether they stay. */
export interface OverAxes {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/**
 * An axis of a value counted from its first, where negative ones count from behind its last. One number counts as a list of one, as
 * PyTorch has it: its axis is 0. @throws ShapeError if it has none such
 */
export function axisOf(operation: string, x: Value, axis: number): number {
  const rank = Math.max(x.shape.length, 1);
  const counted = axis < 0 ? axis + rank : axis;
  if (counted >= 0 && counted < rank) return counted;
  throw new ShapeError(
    `${operation}: axis ${axis} is none of the ${x.shape.length} axes of ${formatValue(x)}; write ${-rank} … ${rank - 1}`,
  );
}

/** Axes in ascending order, each once; of one number none. @param given default: all */
export function axesOf(operation: string, x: Value, given: readonly number[] | undefined): readonly number[] {
  if (given === undefined) return x.shape.map((_, axis) => axis);
  const axes = given.map((axis) => axisOf(operation, x, axis));
  const twice = axes.find((axis, i) => axes.indexOf(axis) !== i);
  if (twice !== undefined) throw new ShapeError(`${operation}: axis ${twice} is named twice in ${show(given)}`);
  return axes.filter((axis) => axis < x.shape.length).sort((a, b) => a - b);
}

/** The shape of which some axes have length 1. */
export function keptShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
}

/** The shape of a reduction over some axes. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  return keepDims ? keptShape(shape, axes) : shape.filter((_, axis) => !axes.includes(axis));
}

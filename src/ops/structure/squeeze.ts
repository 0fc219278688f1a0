import { ArgumentError, show } from "../../engine/index.js";
import { axesOf, checkValues, expanded, reshaped, type Value } from "../../graph/index.js";
import { axisReader, integersReader, newAxisOf } from "./axes.js";

/** x without axes of length 1: all, or of those that are named; longer ones stay, as in PyTorch. Negative axes count from the last. */
export function squeeze(x: Value, axes?: number | readonly number[]): Value {
  checkValues("squeeze", x);
  const list = typeof axes === "number" ? [axes] : axes;
  const read = list === undefined ? undefined : integersReader("an axis, or an array of axes")("squeeze: axes", list);
  const named = axesOf("squeeze", x, read);
  return reshaped(
    x,
    x.shape.filter((length, axis) => length !== 1 || !named.includes(axis)),
  );
}

/** x with an axis of length 1 more, before axis `axis`; negative ones count from behind the last. */
export function unsqueeze(x: Value, axis: number): Value {
  checkValues("unsqueeze", x);
  return unsqueezed(x, newAxisOf("unsqueeze", x, axisReader("unsqueeze: axis", axis)));
}

export function unsqueezed(x: Value, axis: number): Value {
  return reshaped(x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]);
}

/**
 * x again and again along its axes, as NumPy's tile and PyTorch's repeat: tile(x, [2, 3]) of [4, 5] is [8, 15]. Numbers of
 * repetitions are aligned at the last axis; where there are more of them than axes, new axes come first.
 * @throws ArgumentError for what are no numbers of repetitions
 */
export function tile(x: Value, repeats: readonly number[]): Value {
  checkValues("tile", x);
  const given = integersReader("the number of repetitions along each axis, such as [2, 1]")("tile: repeats", repeats);
  if (given.some((times) => times < 0)) {
    throw new ArgumentError(`tile: repeats must not be negative, got ${show(repeats)}`);
  }
  const rank = Math.max(x.shape.length, given.length);
  const aligned = (list: readonly number[]): readonly number[] => [
    ...Array<number>(rank - list.length).fill(1),
    ...list,
  ];
  const [shape, times] = [aligned(x.shape), aligned(given)];
  const apart = reshaped(
    x,
    shape.flatMap((length) => [1, length]),
  );
  const repeated = expanded(
    apart,
    shape.flatMap((length, axis) => [times[axis]!, length]),
  );
  return reshaped(
    repeated,
    shape.map((length, axis) => length * times[axis]!),
  );
}

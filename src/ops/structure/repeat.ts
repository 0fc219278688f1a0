import { ArgumentError, integerFrom, ShapeError, show } from "../../engine/index.js";
import { axisOf, checkValues, expanded, formatValue, reshaped, type Value } from "../../graph/index.js";
import { axisReader, integersReader, withLength } from "./axes.js";
import { tile, unsqueezed } from "./squeeze.js";
import { taken } from "./take.js";

/**
 * x again and again along its axes, as PyTorch's repeat: repeat(x, [2, 3]) of [4, 5] is [8, 15]. It is `tile` with a number of
 * repetitions for each axis at least.
 * @throws ShapeError for fewer numbers than axes, ArgumentError for what are none
 */
export function repeat(x: Value, repeats: readonly number[]): Value {
  checkValues("repeat", x);
  const given = integersReader("the number of repetitions along each axis, such as [2, 1]")("repeat: repeats", repeats);
  if (given.length >= x.shape.length) return tile(x, given);
  throw new ShapeError(
    `repeat: wants a number of repetitions for each axis of ${formatValue(x)}, got ${show(repeats)}`,
  );
}

/**
 * Each element of x several times along an axis, one copy beside the other, as PyTorch's repeat_interleave: of [1, 2] and 2 repeats
 * [1, 1, 2, 2]. Without an axis, of all elements in row-major order. Negative axes count from the last.
 * @param repeats how often: one number, or one for each element along the axis
 * @throws ArgumentError for what are no such numbers, ShapeError for an axis that x does not have
 */
export function repeatInterleave(x: Value, repeats: number | readonly number[], axis?: number): Value {
  checkValues("repeatInterleave", x);
  if (axis === undefined) return repeatInterleave(reshaped(x, [x.size]), repeats, 0);
  const place = axisOf("repeatInterleave", x, axisReader("repeatInterleave: axis", axis));
  const length = x.shape[place]!;
  if (typeof repeats === "number") {
    const times = integerFrom(0)("repeatInterleave: repeats", repeats);
    const apart = unsqueezed(x, place + 1);
    return reshaped(
      expanded(apart, withLength(apart.shape, place + 1, times)),
      withLength(x.shape, place, length * times),
    );
  }
  const times = integersReader("a number of repetitions, or one for each element along the axis")(
    "repeatInterleave: repeats",
    repeats,
  );
  if (times.length !== length || times.some((count) => count < 0)) {
    throw new ArgumentError(
      `repeatInterleave: wants ${length} numbers of repetitions, none below 0, for axis ${place} of ${formatValue(x)}; got ` +
        show(repeats),
    );
  }
  const indices = Int32Array.from(times.flatMap((count, i) => Array<number>(count).fill(i)));
  return taken(x, x.graph.constant([indices.length], indices), place);
}

import { ArgumentError, show } from "../../engine/index.js";
import { axisOf, checkValues, define, reshaped, type Value } from "../../graph/index.js";
import { integersReader, withLength } from "./axes.js";
import { concat } from "./concat.js";
import { partOf } from "./slice.js";

const integers = /* @__PURE__ */ integersReader("an integer, or an array of them");
const listOf = (name: string, given: unknown): readonly number[] =>
  integers(name, typeof given === "number" ? [given] : given);

export const rollOperation = /* @__PURE__ */ define({
  name: "roll",
  inputs: ["x"],
  otherTypes: ["x"],
  attributes: { shifts: [] as readonly number[], axes: [] as readonly number[] },
  options: () => ({ shifts: listOf, axes: listOf }),
  isPositional: true,
  fit: ({ x }, { shifts, axes }) => ({ shifts, axes: axes.map((axis) => axisOf("roll", x, axis)) }),
  shape: ({ x: { shape, dataType } }) => ({ y: { shape, dataType } }),
  compose: ({ x }, { shifts, axes }) => ({
    y: axes.reduce((rolled, axis, i) => {
      const length = x.shape[axis]!;
      const shift = length === 0 ? 0 : ((shifts[i]! % length) + length) % length;
      if (shift === 0) return rolled;
      const part = (start: number, count: number): Value =>
        partOf(rolled, withLength(x.shape, axis, count), axis, start);
      return concat([part(length - shift, shift), part(0, length - shift)], axis);
    }, x),
  }),
});

/**
 * x moved along axes, what goes out at the end coming in at the start: roll([1, 2, 3], 1) is [3, 1, 2]. Without axes, all elements in
 * row-major order. Negative axes count from the last.
 * @param shifts by how much, for each of the axes; negative ones move towards the start
 * @throws ArgumentError for shifts that are not as many as axes, ShapeError for an axis that x does not have
 */
export function roll(x: Value, shifts: number | readonly number[], axes?: number | readonly number[]): Value {
  checkValues("roll", x);
  const by = listOf("roll: shifts", shifts);
  const along = axes === undefined ? [0] : listOf("roll: axes", axes);
  if (by.length !== along.length) {
    throw new ArgumentError(`roll: wants as many shifts as axes, got ${show(shifts)} and ${show(axes)}`);
  }
  const given = axes === undefined ? reshaped(x, [x.size]) : x;
  return reshaped(rollOperation.call({ x: given }, { shifts: by, axes: along }).y, x.shape);
}

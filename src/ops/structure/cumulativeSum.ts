import { ArgumentError, flag, optional, spelledOut } from "../../engine/index.js";
import { axisOf, define, isInteger, titleOfType, type Value } from "../../graph/index.js";
import { alongAxis, axisReader } from "./axes.js";

export const cumulativeSumOperation = /* @__PURE__ */ define({
  name: "cumulativeSum",
  inputs: ["x"],
  otherTypes: ["x"],
  attributes: { axis: 0, reverse: false },
  options: () => ({ axis: optional(axisReader, -1), reverse: optional(flag, false) }),
  fit: ({ x }, { axis, reverse }) => ({ axis: axisOf("cumulativeSum", x, axis), reverse }),
  shape({ x }) {
    if (x.dataType !== "f32" && x.dataType !== "i32") {
      throw new ArgumentError(
        `cumulativeSum: adds float32 or int32, ${x.label} holds ${titleOfType(x.dataType)}; ` +
          'convert it by cast(x, "f32") or "i32"',
      );
    }
    return { y: { shape: x.shape, dataType: x.dataType } };
  },
  lower: (emit, { inputs: { x }, outputs: { y }, attributes: { axis, reverse } }) =>
    emit.record("cumulativeSum", { x, y, ...alongAxis(x.shape, axis), reverse, isInteger: isInteger(x) }),
  gradient: ({ attributes: { axis, reverse }, upstreams: { y: dy } }) => ({
    x: summed(dy, axis, !reverse),
  }),
});

function summed(x: Value, axis: number, reverse: boolean): Value {
  return cumulativeSumOperation.apply({ x }, { axis, reverse }).y;
}

export interface CumulativeSumOptions {
  /** Negative ones count from the last. Default −1. */
  readonly axis?: number;
  /** Sum from each element to the last, not from the first to it. Default false. */
  readonly reverse?: boolean;
}

/**
 * The sum of the elements up to each along an axis, with it: 1, 2, 3 become 1, 3, 6. float32, added in float64, or int32. A number in
 * the place of the options is the axis. Throws ShapeError for an axis that x does not have.
 */
export function cumulativeSum(x: Value, options: CumulativeSumOptions | number = {}): Value {
  return cumulativeSumOperation.call({ x }, spelledOut<CumulativeSumOptions>(options, "axis")).y;
}

import { define, type Value } from "../../graph/index.js";
import { alongAxis, withLength } from "../structure/axes.js";
import { gatherBackward } from "../structure/gather.js";
import { type AxisMap, emitTable } from "./axisMap.js";

const defaults: { readonly axis: number; readonly map: AxisMap | null } = { axis: 0, map: null };

/** The largest element of each window along one axis, and its position along that. */
export const windowMaximumOperation = /* @__PURE__ */ define({
  name: "windowMaximum",
  inputs: ["x"],
  kept: ["winners"],
  attributes: defaults,
  shape({ x }, { axis, map }) {
    const shape = withLength(x.shape, axis, map!.count);
    return { y: shape, winners: { shape, dataType: "i32" } };
  },
  lower(emit, { inputs: { x }, outputs: { y, winners }, attributes: { axis, map } }) {
    const data = { x: emit.data(x), y: emit.data(y) };
    const windows = emitTable(emit, map).entries;
    const step = map!.kind === "window" ? map!.dilation : 1;
    emit.record("windowMaximum", { ...data, winners, windows, step, ...alongAxis(x.shape, axis), O: map!.count });
  },
  gradient: ({ inputs: { x }, outputs: { winners }, attributes: { axis }, upstreams: { y: dy } }) => ({
    x: gatherBackward(winners, dy, axis, x.shape[axis]!),
  }),
});

export function windowMaximum(x: Value, axis: number, map: AxisMap): { readonly y: Value; readonly winners: Value } {
  return windowMaximumOperation.apply({ x }, { axis, map });
}

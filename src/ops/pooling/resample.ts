import { define, type Shape, type Value } from "../../graph/index.js";
import { type AxisMap, emitTable } from "./axisMap.js";
import { byImages } from "./images.js";

interface Resampling {
  readonly rows: AxisMap | null;
  readonly columns: AxisMap | null;
  /** Whether it is the adjoint: from outputs to inputs. */
  readonly isAdjoint: boolean;
}

const defaults: Resampling = { rows: null, columns: null, isAdjoint: false };

/** Weighted sums of neighbours along both axes of images [A, H, W, C]: averages, interpolation, and the adjoints of both. */
export const resampleOperation = /* @__PURE__ */ define({
  name: "resample",
  inputs: ["x"],
  attributes: defaults,
  shape({ x }, { rows, columns, isAdjoint }) {
    const [images, height, width, channels] = x.shape as [number, number, number, number];
    const along = (map: AxisMap | null, length: number): number => map?.[isAdjoint ? "length" : "count"] ?? length;
    return { y: [images, along(rows, height), along(columns, width), channels] };
  },
  lower(emit, { inputs: { x }, outputs: { y }, attributes: { rows, columns, isAdjoint } }) {
    const [A, H, W, C] = x.shape as [number, number, number, number];
    const [, P, Q] = y.shape as [number, number, number, number];
    const data = { x: emit.data(x), y: emit.data(y) };
    const [down, across] = [emitTable(emit, rows, isAdjoint), emitTable(emit, columns, isAdjoint)];
    emit.record("resample", {
      ...{
        ...data,
        rows: down.entries,
        rowWeights: down.weights,
        columns: across.entries,
        columnWeights: across.weights,
      },
      scratch: rows && columns ? emit.scratch(emit.threads * W * C * 4, "a row of sums") : 0,
      ...{ A, H, W, C, P, Q },
    });
  },
  gradient: ({ attributes, upstreams: { y: dy } }) => ({
    x: applied(dy, { ...attributes, isAdjoint: !attributes.isAdjoint }),
  }),
});

function applied(x: Value, attributes: Resampling): Value {
  return resampleOperation.apply({ x }, attributes).y;
}

/** [B, …, C] with each axis between mapped. */
export function resampled(x: Value, maps: readonly AxisMap[]): Value {
  return byImages(x, maps, (images, [rows, columns]) =>
    rows || columns ? applied(images, { rows, columns, isAdjoint: false }) : images,
  );
}

/** The shape of that. */
export function mappedShape(x: Shape, maps: readonly AxisMap[]): Shape {
  return [x[0]!, ...maps.map(({ count }) => count), x.at(-1)!];
}

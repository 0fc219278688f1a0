import type { Shape } from "../../../src/graph/index.js";

/** The index, in a value of `shape`, of the element that stands at a place of `wanted` when it broadcasts to that. */
export function broadcastIndex(shape: Shape, wanted: Shape, place: number): number {
  let [index, stride] = [0, 1];
  for (let axis = wanted.length - 1; axis >= 0; axis--) {
    const position = place % wanted[axis]!;
    place = Math.floor(place / wanted[axis]!);
    const length = shape[axis - wanted.length + shape.length];
    if (length === undefined) break;
    if (length > 1) index += position * stride;
    stride *= length;
  }
  return index;
}

/** Of every place of `from`, in row-major order, its place once some axes have length 1. */
export function keptPlaces(from: Shape, axes: readonly number[]): number[] {
  const kept = from.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const size = from.reduce((product, length) => product * length, 1);
  return Array.from({ length: size }, (_, place) => broadcastIndex(kept, from, place));
}

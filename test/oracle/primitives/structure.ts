import type { Shape } from "../../../src/graph/index.js";
import type { Numbers, Primitives } from "../primitive.js";

const sizeOf = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);

/** The position along each axis of a place in row-major order. */
function positionOf(shape: Shape, place: number): number[] {
  const position = shape.map(() => 0);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    position[axis] = place % shape[axis]!;
    place = Math.floor(place / shape[axis]!);
  }
  return position;
}

function placeOf(shape: Shape, position: readonly number[]): number {
  return position.reduce((place, at, axis) => place * shape[axis]! + at, 0);
}

/** The elements of a tensor of `shape`, each by its position. */
function each(shape: Shape, element: (position: number[]) => number): Float64Array {
  return Float64Array.from({ length: sizeOf(shape) }, (_, place) => element(positionOf(shape, place)));
}

const replaced = (position: readonly number[], axis: number, at: number): number[] =>
  position.map((own, i) => (i === axis ? at : own));

/** An index that may count from the end. */
const counted = (index: number, length: number): number => (index < 0 ? index + length : index);

/** Where an element of take's result stands in x: the axes of the indices stand where the axis stood. */
function taken(x: Shape, indices: Shape, index: Numbers, axis: number, position: readonly number[]): number[] {
  const rank = indices.length;
  const k = counted(index[placeOf(indices, position.slice(axis, axis + rank))]!, x[axis]!);
  return [...position.slice(0, axis), k, ...position.slice(axis + rank)];
}

/** The tensor of `shape` in which elements of `dy` were added where `to` says of their positions. */
function scattered(shape: Shape, from: Shape, dy: Numbers, to: (position: number[]) => number[]): Float64Array {
  const result = new Float64Array(sizeOf(shape));
  for (let place = 0; place < sizeOf(from); place++) {
    result[placeOf(shape, to(positionOf(from, place)))]! += dy[place]!;
  }
  return result;
}

export const primitives: Primitives = {
  stopGradient: ({ inputs: { x } }) => ({ y: x! }),
  permute({ inputs: { x }, shapes, attributes }) {
    const axes = attributes["axes"] as readonly number[];
    const from = shapes["x"]!;
    return {
      y: each(
        shapes["y"]!,
        (position) =>
          x![
            placeOf(
              from,
              from.map((_, axis) => position[axes.indexOf(axis)]!),
            )
          ]!,
      ),
    };
  },
  slice({ inputs: { x }, shapes, attributes }) {
    const { starts, steps } = attributes as Record<"starts" | "steps", readonly number[]>;
    const at = (position: number, axis: number): number => starts[axis]! + position * steps[axis]!;
    return { y: each(shapes["y"]!, (position) => x![placeOf(shapes["x"]!, position.map(at))]!) };
  },
  embed({ inputs: { x }, shapes, attributes }) {
    const { starts, steps } = attributes as Record<"starts" | "steps", readonly number[]>;
    const y = new Float64Array(sizeOf(shapes["y"]!)).fill(attributes["value"] as number);
    Array.from(x!).forEach((element, place) => {
      const position = positionOf(shapes["x"]!, place);
      y[
        placeOf(
          shapes["y"]!,
          position.map((at, axis) => starts[axis]! + at * steps[axis]!),
        )
      ] = element;
    });
    return { y };
  },
  concat({ inputs, shapes, attributes }) {
    const axis = attributes["axis"] as number;
    const parts = Object.keys(inputs).sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
    return {
      y: each(shapes["y"]!, (position) => {
        let at = position[axis]!;
        const part = parts.find((name) => {
          const length = shapes[name]![axis]!;
          if (at < length) return true;
          at -= length;
          return false;
        })!;
        return inputs[part]![placeOf(shapes[part]!, replaced(position, axis, at))]!;
      }),
    };
  },
  take({ inputs: { x, indices }, shapes, attributes }) {
    const axis = attributes["axis"] as number;
    const from = shapes["x"]!;
    return {
      y: each(
        shapes["y"]!,
        (position) => x![placeOf(from, taken(from, shapes["indices"]!, indices!, axis, position))]!,
      ),
    };
  },
  takeBackward({ inputs: { indices, dy }, shapes, attributes }) {
    const { axis, skipped = -1 } = attributes as { axis: number; skipped?: number };
    const shape = shapes["dx"]!;
    const to = (position: number[]): number[] => taken(shape, shapes["indices"]!, indices!, axis, position);
    const dx = scattered(shape, shapes["dy"]!, dy!, to);
    return { dx: dx.map((sum, place) => (positionOf(shape, place)[axis] === skipped ? 0 : sum)) };
  },
  gather({ inputs: { x, indices }, shapes, attributes }) {
    const axis = attributes["axis"] as number;
    const from = shapes["x"]!;
    return {
      y: each(shapes["y"]!, (position) => {
        const index = indices![placeOf(shapes["indices"]!, position)]!;
        return x![placeOf(from, replaced(position, axis, counted(index, from[axis]!)))]!;
      }),
    };
  },
  gatherBackward({ inputs: { indices, dy }, shapes, attributes }) {
    const axis = attributes["axis"] as number;
    const shape = shapes["dx"]!;
    const to = (position: number[]): number[] =>
      replaced(position, axis, counted(indices![placeOf(shapes["indices"]!, position)]!, shape[axis]!));
    if (!attributes["replaces"]) return { dx: scattered(shape, shapes["dy"]!, dy!, to) };
    const dx = new Float64Array(sizeOf(shape));
    Array.from(dy!).forEach((element, place) => (dx[placeOf(shape, to(positionOf(shapes["dy"]!, place)))] = element));
    return { dx };
  },
  cumulativeSum({ inputs: { x }, shapes, attributes }) {
    const { axis, reverse } = attributes as { axis: number; reverse: boolean };
    const shape = shapes["x"]!;
    return {
      y: each(shape, (position) => {
        let sum = 0;
        for (let at = 0; at < shape[axis]!; at++) {
          const counts = reverse ? at >= position[axis]! : at <= position[axis]!;
          if (counts) sum += x![placeOf(shape, replaced(position, axis, at))]!;
        }
        return sum;
      }),
    };
  },
  argsort({ inputs: { x }, shapes, attributes }) {
    const { axis, descending } = attributes as { axis: number; descending: boolean };
    const shape = shapes["x"]!.length > 0 ? shapes["x"]! : [1];
    /** How many stand before an element: those that are smaller, or equal and earlier. */
    const rankOf = (position: number[]): number => {
      const own = x![placeOf(shape, position)]!;
      let rank = 0;
      for (let at = 0; at < shape[axis]!; at++) {
        const other = x![placeOf(shape, replaced(position, axis, at))]!;
        const order = compared(other, own) * (descending ? -1 : 1);
        if (order < 0 || (order === 0 && at < position[axis]!)) rank++;
      }
      return rank;
    };
    const y = new Float64Array(x!.length);
    for (let place = 0; place < y.length; place++) {
      const position = positionOf(shape, place);
      y[placeOf(shape, replaced(position, axis, rankOf(position)))] = position[axis]!;
    }
    return { y };
  },
};

/** Negative if a is smaller than b; NaN is larger than all numbers. */
function compared(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : Number(a > b);
}

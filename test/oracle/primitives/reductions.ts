import { broadcastIndex, keptPlaces } from "./broadcast.js";
import type { Primitive, Primitives } from "../primitive.js";

/** y = combine of all elements over some axes, in row-major order, beginning with `initial`. */
export function reduction(initial: number, combine: (a: number, b: number) => number): Primitive {
  return ({ inputs: { x }, shapes, attributes }) => {
    const size = shapes["y"]!.reduce((product, length) => product * length, 1);
    const y = new Float64Array(size).fill(initial);
    keptPlaces(shapes["x"]!, attributes["axes"] as readonly number[]).forEach((place, i) => {
      y[place] = combine(y[place]!, x![i]!);
    });
    return { y };
  };
}

/** y = the first place along the axes of what no other element is beyond; NaN is beyond all numbers. */
function argument(isBeyond: (a: number, b: number) => boolean): Primitive {
  return ({ inputs: { x }, shapes, attributes }) => {
    const size = shapes["y"]!.reduce((product, length) => product * length, 1);
    const seen = new Int32Array(size);
    const [y, best] = [new Float64Array(size), new Float64Array(size)];
    keptPlaces(shapes["x"]!, attributes["axes"] as readonly number[]).forEach((place, i) => {
      const [value, sofar] = [x![i]!, best[place]!];
      const isBetter = !Number.isNaN(sofar) && (Number.isNaN(value) || isBeyond(value, sofar));
      if (seen[place] === 0 || isBetter) [y[place], best[place]] = [seen[place]!, value];
      seen[place]!++;
    });
    return { y };
  };
}

export const primitives: Primitives = {
  sum: reduction(0, (a, b) => a + b),
  mean: (at) => {
    const { y } = reduction(0, (a, b) => a + b)(at);
    return { y: Float64Array.from(y!, (total) => total / (at.attributes["divisor"] as number)) };
  },
  prod: reduction(1, (a, b) => a * b),
  max: reduction(-Infinity, Math.max),
  min: reduction(Infinity, Math.min),
  argMax: argument((a, b) => a > b),
  argMin: argument((a, b) => a < b),
  expand({ inputs: { x }, shapes }) {
    const [shape, wanted] = [shapes["x"]!, shapes["y"]!];
    const size = wanted.reduce((product, length) => product * length, 1);
    return { y: Float64Array.from({ length: size }, (_, place) => x![broadcastIndex(shape, wanted, place)]!) };
  },
};

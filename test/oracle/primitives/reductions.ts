import { broadcastIndex, keptPlaces } from "./broadcast.js";
import type { Primitive, Primitives } from "./primitive.js";

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

export const reductions: Primitives = {
  sum: reduction(0, (a, b) => a + b),
  expand({ inputs: { x }, shapes }) {
    const [shape, wanted] = [shapes["x"]!, shapes["y"]!];
    const size = wanted.reduce((product, length) => product * length, 1);
    return { y: Float64Array.from({ length: size }, (_, place) => x![broadcastIndex(shape, wanted, place)]!) };
  },
};

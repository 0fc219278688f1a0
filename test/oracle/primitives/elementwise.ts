import { philox } from "../philox.js";
import { erf, sigmoid } from "../special.js";
import { broadcastIndex } from "./broadcast.js";
import type { Primitive, Primitives } from "./primitive.js";

/** y from x. */
function unary(f: (x: number) => number): Primitive {
  return ({ inputs: { x } }) => ({ y: Float64Array.from(x!, f) });
}

/** An output, called y unless named, from inputs that broadcast to its shape. */
export function broadcasting(names: readonly string[], f: (...values: number[]) => number, output = "y"): Primitive {
  return ({ inputs, shapes }) => {
    const wanted = shapes[output]!;
    const size = wanted.reduce((product, length) => product * length, 1);
    const at = (place: number): number =>
      f(...names.map((name) => inputs[name]![broadcastIndex(shapes[name]!, wanted, place)]!));
    return { [output]: Float64Array.from({ length: size }, (_, place) => at(place)) };
  };
}

/** An output, called y unless named, from two inputs. */
function binary(a: string, b: string, f: (a: number, b: number) => number, output = "y"): Primitive {
  return broadcasting([a, b], (first, second) => f(first!, second!), output);
}

export const elementwise: Primitives = {
  copy: unary((x) => x),
  reshape: unary((x) => x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  erf: unary(erf),
  sigmoid: unary(sigmoid),
  tanh: unary(Math.tanh),
  relu: unary((x) => (x < 0 ? 0 : x)),
  add: binary("a", "b", (a, b) => a + b),
  subtract: binary("a", "b", (a, b) => a - b),
  multiply: binary("a", "b", (a, b) => a * b),
  divide: binary("a", "b", (a, b) => a / b),
  scale: ({ inputs: { x }, attributes }) => {
    const factor = Math.fround(attributes["factor"] as number);
    return { y: Float64Array.from(x!, (value) => value * factor) };
  },
  reluBackward: binary("y", "dy", (y, dy) => (y <= 0 ? 0 : dy), "dx"),
  sigmoidBackward: binary("a", "dy", (y, dy) => dy * y * (1 - y), "dx"),
  tanhBackward: binary("a", "dy", (y, dy) => dy * (1 - y * y), "dx"),
  erfBackward: binary("a", "dy", (x, dy) => dy * (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x), "dx"),
  /** Seed and step 0. Sixteen elements share four draws of four words each: element i is in lane i mod 4. */
  dropout({ inputs: { x }, attributes }) {
    const { p, stream } = attributes as { p: number; stream: number };
    return {
      y: Float64Array.from(x!, (value, i) => {
        const [group, word, lane] = [Math.floor(i / 16), Math.floor((i % 16) / 4), i % 4];
        const isKept = philox([4 * group + lane, 0, stream, 0], [0, 0])[word]! >= Math.round(p * 2 ** 32);
        return value * (isKept ? Math.fround(1 / (1 - p)) : 0);
      }),
    };
  },
};

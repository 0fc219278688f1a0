import { halfBits, halfValue } from "../half.js";
import { philox } from "../philox.js";
import { erf, sigmoid } from "../special.js";
import { broadcastIndex } from "./broadcast.js";
import type { Primitive, Primitives } from "../primitive.js";

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
  return broadcasting([a, b], (first, second) => f(first, second), output);
}

function roundToEven(x: number): number {
  const lower = Math.floor(x);
  if (x - lower !== 0.5) return x < 0 && x >= -0.5 ? -0 : Math.round(x);
  return lower % 2 === 0 ? (lower === 0 ? lower * Math.sign(x) : lower) : lower === -1 ? -0 : lower + 1;
}

/** As C has it, where JavaScript differs: 1 to the power of anything is 1, and so is −1 to that of infinity. */
function power(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
}

function toInteger(x: number): number {
  return Number.isNaN(x) ? 0 : Math.min(Math.max(Math.trunc(x), -(2 ** 31)), 2 ** 31 - 1);
}

/** As Python has it. */
function floorOfQuotient(a: number, b: number): number {
  if (Math.abs(a) === Infinity && b !== 0) return NaN;
  const isBelowZero = Number.isFinite(a) && Math.abs(b) === Infinity && a !== 0 && a < 0 !== b < 0;
  return isBelowZero ? -1 : Math.floor(a / b);
}

const conversions = {
  f32: (x: number) => x,
  f16: (x: number) => halfValue(halfBits(x)),
  i32: toInteger,
  u8: (x: number) => toInteger(x) & 255,
  bool: (x: number) => Number(x !== 0),
} as const;

export const primitives: Primitives = {
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
  negate: unary((x) => -x),
  abs: unary(Math.abs),
  sign: unary((x) => Number(x > 0) - Number(x < 0)),
  floor: unary(Math.floor),
  ceil: unary(Math.ceil),
  round: unary(roundToEven),
  sqrt: unary(Math.sqrt),
  rsqrt: unary((x) => 1 / Math.sqrt(x)),
  reciprocal: unary((x) => 1 / x),
  log1p: unary(Math.log1p),
  expm1: unary(Math.expm1),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  pow: binary("a", "b", power),
  remainder: binary("a", "b", (a, b) => (a % b !== 0 && a < 0 !== b < 0 ? (a % b) + b : a % b)),
  floorDivide: binary("a", "b", floorOfQuotient),
  isNaN: unary((x) => Number(Number.isNaN(x))),
  isFinite: unary((x) => Number(Number.isFinite(x))),
  // Of equal ones, −0 and 0 included, the first.
  minimum: binary("a", "b", (a, b) => (Number.isNaN(b) || b < a ? b : a)),
  maximum: binary("a", "b", (a, b) => (Number.isNaN(b) || b > a ? b : a)),
  clamp({ inputs: { x }, attributes }) {
    const { min, max } = attributes as { min: number; max: number };
    const from = (value: number): number => (value < min ? min : value);
    return { y: Float64Array.from(x!, (value) => (from(value) > max ? max : from(value))) };
  },
  equal: binary("a", "b", (a, b) => Number(a === b)),
  notEqual: binary("a", "b", (a, b) => Number(a !== b)),
  less: binary("a", "b", (a, b) => Number(a < b)),
  lessEqual: binary("a", "b", (a, b) => Number(a <= b)),
  greater: binary("a", "b", (a, b) => Number(a > b)),
  greaterEqual: binary("a", "b", (a, b) => Number(a >= b)),
  logicalAnd: binary("a", "b", (a, b) => a & b),
  logicalOr: binary("a", "b", (a, b) => a | b),
  logicalXor: binary("a", "b", (a, b) => a ^ b),
  logicalNot: unary((x) => 1 - x),
  where: broadcasting(["condition", "a", "b"], (condition, a, b) => (condition ? a : b)),
  cast({ inputs: { x }, attributes }) {
    return { y: Float64Array.from(x!, conversions[attributes["dataType"] as keyof typeof conversions]) };
  },
  reluBackward: binary("y", "dy", (y, dy) => (y <= 0 ? 0 : dy), "dx"),
  sigmoidBackward: binary("a", "dy", (y, dy) => dy * y * (1 - y), "dx"),
  tanhBackward: binary("a", "dy", (y, dy) => dy * (1 - y * y), "dx"),
  erfBackward: binary("a", "dy", (x, dy) => dy * (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x), "dx"),
  /** Seed and step 0. Sixteen elements share four draws of four words each: element i is in lane i mod 4. */
  dropout({ inputs: { x }, attributes }) {
    const { p, stream, scale } = attributes as { p: number; stream: number; scale: number };
    return {
      y: Float64Array.from(x!, (value, i) => {
        const [group, word, lane] = [Math.floor(i / 16), Math.floor((i % 16) / 4), i % 4];
        const isKept = philox([4 * group + lane, 0, stream, 0], [0, 0])[word]! >= Math.round(p * 2 ** 32);
        return value * (isKept ? Math.fround(scale) : 0);
      }),
    };
  },
};

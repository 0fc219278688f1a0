import { integerFrom, numberFrom, optional, ShapeError } from "../../engine/index.js";
import { define, formatValue, type Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { multiply } from "../elementwise/multiply.js";
import { pow, square } from "../elementwise/powers.js";
import { scale } from "../elementwise/scale.js";
import { pad } from "../structure/pad.js";
import { partOf } from "../structure/slice.js";

/** Options of `localResponseNorm`. */
export interface LocalResponseNormOptions {
  /** Neighbouring channels that are summed over. */
  readonly size: number;
  /** Default 1e-4. */
  readonly alpha?: number;
  /** Default 0.75. */
  readonly beta?: number;
  /** Default 1. */
  readonly k?: number;
}

export const localResponseNormReaders = () => ({
  size: integerFrom(1),
  alpha: optional(numberFrom(-Infinity), 1e-4),
  beta: optional(numberFrom(-Infinity), 0.75),
  k: optional(numberFrom(-Infinity), 1),
});

export const localResponseNormOperation = /* @__PURE__ */ define({
  name: "localResponseNorm",
  inputs: ["x"],
  attributes: { size: 1, alpha: 1e-4, beta: 0.75, k: 1 },
  options: localResponseNormReaders,
  shape({ x }) {
    if (x.shape.length >= 2) return { y: x.shape };
    throw new ShapeError(`localResponseNorm: wants x of shape [..., C], got ${formatValue(x)}`);
  },
  compose({ x }, { size, alpha, beta, k }) {
    const axis = x.shape.length - 1;
    const furthest = Math.max(x.shape[axis]! - 1, 0);
    const [before, after] = [Math.floor(size / 2), Math.ceil(size / 2) - 1].map((count) => Math.min(count, furthest));
    const around = pad(square(x), { padding: x.shape.map((_, i) => (i === axis ? [before!, after!] : 0)) });
    const neighbours = Array.from({ length: before! + 1 + after! }, (_, i) => partOf(around, x.shape, axis, i));
    return { y: multiply(x, pow(add(scale(neighbours.reduce(add), alpha / size), k), -beta)) };
  },
});

/**
 * x/(k + α·mean of x² over `size` neighbouring channels)^β, channels that do not exist counting as 0: x [..., C] → [..., C]
 * (Krizhevsky, Sutskever and Hinton, "ImageNet Classification", 2012, §3.3; α is divided by `size`, as in PyTorch). Of an even
 * size, one more neighbour lies before a channel than behind it.
 * @throws ShapeError for x without channels, ArgumentError for a size below 1
 */
export function localResponseNorm(x: Value, options: LocalResponseNormOptions): Value {
  return localResponseNormOperation.call({ x }, options).y;
}

import { ArgumentError, optional, type Reader, show } from "../../engine/index.js";
import {
  axesOf,
  define,
  expanded,
  keptShape,
  reducedShape,
  reductionOptions,
  reshaped,
  type Value,
} from "../../graph/index.js";
import { cast } from "../elementwise/cast.js";
import { equal, notEqual } from "../elementwise/comparisons.js";
import { divide } from "../elementwise/divide.js";
import { abs, sign } from "../elementwise/magnitude.js";
import { max, min } from "./maxAndMin.js";
import { multiply } from "../elementwise/multiply.js";
import { pow, sqrt, square } from "../elementwise/powers.js";
import { type ReductionOptions, sum } from "./sum.js";
import { where } from "../elementwise/where.js";

/** Options of `norm`. */
export interface NormOptions extends ReductionOptions {
  /** Which norm: any number, or ±Infinity for the largest or smallest magnitude. Default 2. */
  readonly p?: number;
}

/** Which norm. */
export const anyNumber: Reader<number> = (name, given) => {
  if (typeof given === "number" && !Number.isNaN(given)) return given;
  throw new ArgumentError(`${name} must be a number, or Infinity; got ${show(given)}`);
};

export const normOperation = /* @__PURE__ */ define({
  name: "norm",
  inputs: ["x"],
  attributes: { axes: [] as readonly number[], keepDims: false, p: 2 },
  options: () => ({ ...reductionOptions(), p: optional(anyNumber, 2) }),
  fit: ({ x }, { axes, ...rest }) => ({ ...rest, axes: axesOf("norm", x, axes) }),
  shape: ({ x }, { axes, keepDims }) => ({ y: reducedShape(x.shape, axes, keepDims) }),
  compose({ x }, { p, ...over }) {
    if (p === Infinity) return { y: max(abs(x), over) };
    if (p === -Infinity) return { y: min(abs(x), over) };
    if (p === 0) return { y: sum(cast(notEqual(x, 0), "f32"), over) };
    if (p === 1) return { y: sum(abs(x), over) };
    return { y: p === 2 ? sqrt(sum(square(x), over)) : pow(sum(pow(abs(x), p), over), 1 / p) };
  },
  gradient({ inputs: { x }, outputs: { y }, attributes: { p, axes }, upstreams: { y: dy } }) {
    const kept = keptShape(x.shape, axes);
    const [norm, upstream] = [reshaped(y, kept), reshaped(dy, kept)];
    if (p === 0) return {};
    if (p === 1) return { x: multiply(expanded(upstream, x.shape), sign(x)) };
    if (Math.abs(p) === Infinity) {
      const winners = cast(equal(abs(x), norm), "f32");
      const share = divide(upstream, sum(winners, { axes, keepDims: true }));
      return { x: multiply(multiply(winners, sign(x)), share) };
    }
    // Of no length the gradient is taken to be 0, as PyTorch has it.
    if (p === 2) return { x: multiply(x, where(equal(norm, 0), 0, divide(upstream, norm))) };
    const slope = multiply(sign(x), pow(abs(x), p - 1));
    return { x: multiply(slope, where(equal(norm, 0), 0, divide(upstream, pow(norm, p - 1)))) };
  },
});

/**
 * The p-norm over some axes, by default all: (Σ|x|ᵖ)^(1/p); for p = 0 how many are not 0, which has no gradient. A norm of 0 has the
 * gradient 0.
 * @throws ShapeError for axes that x does not have, ArgumentError for integers and a p that is no number
 */
export function norm(x: Value, options: NormOptions = {}): Value {
  return normOperation.call({ x }, options).y;
}

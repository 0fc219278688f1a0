import { flag, numberFrom, optional, ShapeError } from "../../engine/index.js";
import {
  axisOf,
  broadcastShape,
  define,
  expanded,
  formatValue,
  reducedShape,
  reshaped,
  keptShape,
  type Shape,
  sumTo,
  type Value,
} from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { divide } from "../elementwise/divide.js";
import { maximum } from "../elementwise/extrema.js";
import { multiply } from "../elementwise/multiply.js";
import { subtract } from "../elementwise/subtract.js";
import { axisReader } from "../structure/axes.js";
import { anyNumber, norm } from "./norm.js";
import { sum } from "./sum.js";

/** Options of `cosineSimilarity`. */
export interface CosineSimilarityOptions {
  /** Of the shape that a and b broadcast to; negative ones count from the last. Default 1, as in PyTorch. */
  readonly axis?: number;
  /** The least length that is divided by. Default 1e-8. */
  readonly epsilon?: number;
}

/** x / max(‖x‖, epsilon) along an axis, and that length. */
function unit(x: Value, axis: number, epsilon: number): readonly [unit: Value, length: Value] {
  const length = maximum(norm(x, { axes: axis, keepDims: true }), epsilon);
  return [divide(x, length), length];
}

type Unit = ReturnType<typeof unit>;

const common = (a: Value, b: Value): Shape => broadcastShape("cosineSimilarity", { a, b });

export const cosineSimilarityOperation = /* @__PURE__ */ define({
  name: "cosineSimilarity",
  inputs: ["a", "b"],
  attributes: { axis: 1, epsilon: 1e-8 },
  options: () => ({ axis: optional(axisReader, 1), epsilon: optional(numberFrom(0), 1e-8) }),
  fit: ({ a, b }, { axis, epsilon }) => ({
    ...{ epsilon, axis: axisOf("cosineSimilarity", expanded(a, common(a, b)), axis) },
  }),
  shape: ({ a, b }, { axis }) => ({ y: reducedShape(common(a, b), [axis], false) }),
  compose({ a, b }, { axis, epsilon }) {
    const [first, second] = [a, b].map((x) => unit(expanded(x, common(a, b)), axis, epsilon)[0]) as [Value, Value];
    return { y: sum(multiply(first, second), { axes: axis }) };
  },
  // With the unit vectors â and b̂: da = dy·(b̂ − y·â)/‖a‖, which is what PyTorch has where the length is not above epsilon, too.
  gradient({ inputs: { a, b }, outputs: { y }, attributes: { axis, epsilon }, upstreams: { y: dy } }) {
    const shape = common(a, b);
    const [cosine, upstream] = [y, dy].map((x) => reshaped(x, keptShape(shape, [axis]))) as [Value, Value];
    const [first, second] = [a, b].map((x) => unit(expanded(x, shape), axis, epsilon)) as [Unit, Unit];
    const back = ([own, length]: Unit, [other]: Unit, x: Value): Value =>
      sumTo(multiply(upstream, divide(subtract(other, multiply(cosine, own)), length)), x.shape);
    return { a: back(first, second, a), b: back(second, first, b) };
  },
});

/**
 * a·b / (max(‖a‖, epsilon)·max(‖b‖, epsilon)) along an axis, of a and b that broadcast to each other: [..., N, ...] → [..., ...].
 * @throws ShapeError if they do not broadcast, or have no such axis
 */
export function cosineSimilarity(a: Value, b: Value, options: CosineSimilarityOptions = {}): Value {
  return cosineSimilarityOperation.call({ a, b }, options).y;
}

/** Options of `pairwiseDistance`. */
export interface PairwiseDistanceOptions {
  /** Which norm, as of `norm`. Default 2. */
  readonly p?: number;
  /** Added to each difference. Default 1e-6. */
  readonly epsilon?: number;
  /** Whether the last axis stays as an axis of length 1. Default false. */
  readonly keepDims?: boolean;
}

export const pairwiseDistanceOperation = /* @__PURE__ */ define({
  name: "pairwiseDistance",
  inputs: ["a", "b"],
  attributes: { p: 2, epsilon: 1e-6, keepDims: false },
  options: () => ({
    p: optional(anyNumber, 2),
    epsilon: optional(numberFrom(-Infinity), 1e-6),
    keepDims: optional(flag, false),
  }),
  shape({ a, b }, { keepDims }) {
    const shape = broadcastShape("pairwiseDistance", { a, b });
    if (shape.length > 0) return { y: reducedShape(shape, [shape.length - 1], keepDims) };
    throw new ShapeError(
      `pairwiseDistance: wants vectors along a last axis, got ${formatValue(a)} and ${formatValue(b)}`,
    );
  },
  compose: ({ a, b }, { p, epsilon, keepDims }) => ({
    y: norm(add(subtract(a, b), epsilon), { p, axes: -1, keepDims }),
  }),
});

/**
 * The p-norm of a − b + epsilon along the last axis, of a and b that broadcast to each other: [..., N] → [...].
 * @throws ShapeError if they do not broadcast, or are scalars; ArgumentError for a p that is no number
 */
export function pairwiseDistance(a: Value, b: Value, options: PairwiseDistanceOptions = {}): Value {
  return pairwiseDistanceOperation.call({ a, b }, options).y;
}

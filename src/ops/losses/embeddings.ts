import { flag, numberFrom, optional, ShapeError } from "../../engine/index.js";
import { checkEqualShapes, formatValue, reshaped, type Shape, type Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { equal } from "../elementwise/comparisons.js";
import { divide } from "../elementwise/divide.js";
import { clamp, minimum } from "../elementwise/extrema.js";
import { negate } from "../elementwise/magnitude.js";
import { multiply } from "../elementwise/multiply.js";
import { sqrt } from "../elementwise/powers.js";
import { subtract } from "../elementwise/subtract.js";
import { where } from "../elementwise/where.js";
import { matmul } from "../products/matmul.js";
import { norm } from "../reductions/norm.js";
import { sum } from "../reductions/sum.js";
import { concat } from "../structure/concat.js";
import { logSoftmax } from "../activations/logSoftmax.js";
import { lossFunction, type LossOptions } from "./loss.js";
import { marginReader, positivePart } from "./margin.js";
import type { MarginOptions } from "./margins.js";

// Losses of vectors that should be near to each other, or far. A vector is a row along the last axis.

/** The places of vectors. Throws ShapeError for a value without axes. */
function placesOf(operation: string, x: Value): Shape {
  if (x.shape.length > 0) return x.shape.slice(0, -1);
  throw new ShapeError(`${operation}: wants vectors along a last axis, got ${formatValue(x)}`);
}

function dot(a: Value, b: Value): Value {
  return sum(multiply(a, b), { axes: -1 });
}

/**
 * Mean over vectors of 1 − cos(first, second) where the target is 1, and of max(0, cos − margin) where it is −1, as PyTorch's
 * CosineEmbeddingLoss with its margin of 0: vectors [..., D] twice, targets [...] → [1]. 1e-12 is added to squared lengths. Throws
 * ShapeError, ArgumentError.
 */
export const cosineEmbedding: (first: Value, second: Value, target: Value, options?: MarginOptions) => Value =
  /* @__PURE__ */ lossFunction({
    name: "cosineEmbedding",
    inputs: ["first", "second", "target"],
    options: () => ({ margin: marginReader(0) }),
    shape({ first, second, target }) {
      checkEqualShapes("cosineEmbedding", first, second);
      const places = placesOf("cosineEmbedding", first);
      if (String(places) === String(target.shape)) return places;
      throw new ShapeError(
        `cosineEmbedding: wants a target for each vector of ${formatValue(first)}, got ${formatValue(target)}`,
      );
    },
    each({ first, second, target }, { margin }) {
      const squares = [first, second].map((x) => add(dot(x, x), 1e-12));
      const cosine = divide(dot(first, second), sqrt(multiply(squares[0]!, squares[1]!)));
      const ofOthers = where(equal(target, -1), positivePart(subtract(cosine, margin)), 0);
      return where(equal(target, 1), subtract(1, cosine), ofOthers);
    },
  });

/** Options of `tripletMargin`. */
export interface TripletMarginOptions extends MarginOptions {
  /** Which norm distances are. Default 2. */
  readonly p?: number;
  /** Added to each difference, so that no distance is 0. Default 1e-6. */
  readonly epsilon?: number;
  /** Whether the distance of the positive from the negative counts where it is less than that of the anchor. Default false. */
  readonly swap?: boolean;
}

/**
 * Mean over vectors of max(0, d(anchor, positive) − d(anchor, negative) + margin), as PyTorch's TripletMarginLoss with its margin of
 * 1: [..., D] thrice → [1]. Throws ShapeError, ArgumentError.
 */
export const tripletMargin: (anchor: Value, positive: Value, negative: Value, options?: TripletMarginOptions) => Value =
  /* @__PURE__ */ lossFunction({
    name: "tripletMargin",
    inputs: ["anchor", "positive", "negative"],
    options: () => ({
      margin: marginReader(1),
      p: optional(numberFrom(0), 2),
      epsilon: optional(numberFrom(0), 1e-6),
      swap: optional(flag, false),
    }),
    shape({ anchor, positive, negative }) {
      for (const other of [positive, negative]) checkEqualShapes("tripletMargin", anchor, other);
      return placesOf("tripletMargin", anchor);
    },
    each({ anchor, positive, negative }, { margin, p, epsilon, swap }) {
      const distance = (a: Value, b: Value): Value => norm(add(subtract(a, b), epsilon), { axes: -1, p });
      const ofNegative = distance(anchor, negative);
      const nearest = swap ? minimum(ofNegative, distance(positive, negative)) : ofNegative;
      return positivePart(add(subtract(distance(anchor, positive), nearest), margin));
    },
  });

/** Options of `infoNce`. */
export interface InfoNceOptions extends LossOptions {
  /** What cosines are divided by; above 0. Default 0.1. */
  readonly temperature?: number;
  /** Vectors [M, D] that no query belongs to. Default: the keys of the other queries. */
  readonly negatives?: Value;
}

/**
 * Mean of −ln of the softmax of cosine/temperature at the key that a query belongs to, among the keys of all queries or the
 * negatives (van den Oord et al., 2018): queries [N, D] and their keys [N, D] → [1]. Throws ShapeError, ArgumentError.
 */
export const infoNce: (query: Value, key: Value, options?: InfoNceOptions) => Value = /* @__PURE__ */ lossFunction({
  name: "infoNce",
  inputs: ["query", "key", "negatives?"],
  options: () => ({ temperature: optional(numberFrom(Number.MIN_VALUE), 0.1) }),
  shape({ query, key, negatives }) {
    checkEqualShapes("infoNce", query, key);
    const fits = negatives === undefined || (negatives.shape.length === 2 && negatives.shape[1] === query.shape[1]);
    if (query.shape.length === 2 && fits) return query.shape.slice(0, 1);
    throw new ShapeError(
      `infoNce: wants rows [N, D] of queries and keys, and negatives [M, D]; got ${[query, key, ...(negatives ? [negatives] : [])].map(formatValue).join("; ")}`,
    );
  },
  each({ query, key, negatives }, { temperature }) {
    const [unitQuery, unitKey] = [unit(query), unit(key)];
    const own = dot(unitQuery, unitKey);
    const others = matmul(unitQuery, negatives ? unit(negatives) : unitKey, { transposeB: true });
    const column = reshaped(own, [...own.shape, 1]);
    const logits = divide(negatives ? concat([column, others], 1) : others, temperature);
    const logarithms = logSoftmax(logits);
    const { graph, shape } = logarithms;
    const place = negatives
      ? graph.constant([], 0, "the own key", "i32")
      : reshaped(graph.iota(shape[0]!), [shape[0]!, 1]);
    const isOwn = equal(graph.iota(shape[1]!), place);
    return negate(sum(where(isOwn, logarithms, 0), { axes: -1 }));
  },
});

/** Vectors of length 1, but for those shorter than 1e-12. */
function unit(x: Value): Value {
  return divide(x, clamp(norm(x, { axes: -1, keepDims: true }), { min: 1e-12 }));
}

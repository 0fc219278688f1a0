import type { Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { notEqual } from "../elementwise/comparisons.js";
import { multiply } from "../elementwise/multiply.js";
import { subtract } from "../elementwise/subtract.js";
import { where } from "../elementwise/where.js";
import { lossFunction, type LossOptions, type PairLoss } from "./loss.js";
import { marginReader, positivePart } from "./margin.js";

// Losses that are 0 beyond a margin. Targets are 1 and −1.

/** Options of losses with a margin. */
export interface MarginOptions extends LossOptions {
  /** The distance from which on nothing is wrong. */
  readonly margin?: number;
}

/** Mean over all elements of max(0, 1 − target·prediction), with targets 1 and −1: equal shapes → [1]. Throws ShapeError. */
export const hinge: PairLoss = /* @__PURE__ */ lossFunction({
  name: "hinge",
  inputs: ["prediction", "target"],
  each: ({ prediction, target }) => positivePart(subtract(1, multiply(target, prediction))),
});

/**
 * Mean over all elements of the prediction, a distance, where the target is 1, and of max(0, margin − prediction) where it is −1,
 * as PyTorch's HingeEmbeddingLoss with its margin of 1: equal shapes → [1]. Throws ShapeError, ArgumentError.
 */
export const hingeEmbedding: PairLoss<MarginOptions> = /* @__PURE__ */ lossFunction({
  name: "hingeEmbedding",
  inputs: ["prediction", "target"],
  options: () => ({ margin: marginReader(1) }),
  each: ({ prediction, target }, { margin }) =>
    add(
      where(notEqual(target, -1), prediction, 0),
      where(notEqual(target, 1), positivePart(subtract(margin, prediction)), 0),
    ),
});

/**
 * Mean over all elements of max(0, margin − target·(first − second)), with targets 1 where the first should be larger and −1 where the
 * second should, as PyTorch's MarginRankingLoss with its margin of 0: equal shapes → [1]. Throws ShapeError, ArgumentError.
 */
export const marginRanking: (first: Value, second: Value, target: Value, options?: MarginOptions) => Value =
  /* @__PURE__ */ lossFunction({
    name: "marginRanking",
    inputs: ["first", "second", "target"],
    options: () => ({ margin: marginReader(0) }),
    each: ({ first, second, target }, { margin }) =>
      positivePart(subtract(margin, multiply(target, subtract(first, second)))),
  });

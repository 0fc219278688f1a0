import * as ops from "../ops/losses/index.js";
import { type LossFactory, lossFactory } from "./loss.js";

// Losses on values, in the shape of the model's output. Each is the operation of its name.

/** Mean over all elements of (prediction − target)². */
export const meanSquaredError: LossFactory = /* @__PURE__ */ lossFactory(ops.meanSquaredError);

/** ½ Σ (prediction − target)² of a sample, averaged over the batch: the loss of the classical backpropagation notes. */
export const halfSumOfSquares: LossFactory = /* @__PURE__ */ lossFactory(ops.halfSumOfSquares);

/** Mean over all elements of |prediction − target|. */
export const meanAbsoluteError: LossFactory = /* @__PURE__ */ lossFactory(ops.meanAbsoluteError);

/** Squares of small distances, straight lines from δ on. */
export const huber: LossFactory<ops.HuberOptions> = /* @__PURE__ */ lossFactory(ops.huber);

/** Squares of small distances over 2β, straight lines of slope 1 from β on. */
export const smoothL1: LossFactory<ops.SmoothL1Options> = /* @__PURE__ */ lossFactory(ops.smoothL1);

/** −t·ln p − (1 − t)·ln(1 − p) for a model that ends in probabilities, and targets from 0 to 1. */
export const binaryCrossEntropy: LossFactory = /* @__PURE__ */ lossFactory(ops.binaryCrossEntropy);

/** The same for a model that ends in logits: the sigmoid is part of the loss, exact for logits of any size. */
export const binaryCrossEntropyWithLogits: LossFactory<ops.BinaryCrossEntropyWithLogitsOptions> =
  /* @__PURE__ */ lossFactory(ops.binaryCrossEntropyWithLogits, { takes: "logits" });

/** Binary cross-entropy of logits in which what is nearly right counts little. */
export const focal: LossFactory<ops.FocalOptions> = /* @__PURE__ */ lossFactory(ops.focal, { takes: "logits" });

/** ln(1 + e^(−target·prediction)), with targets 1 and −1. */
export const softMargin: LossFactory = /* @__PURE__ */ lossFactory(ops.softMargin);

/** Binary cross-entropy of the logits of labels of which several may hold, averaged over them. */
export const multilabelSoftMargin: LossFactory<ops.MultilabelSoftMarginOptions> = /* @__PURE__ */ lossFactory(
  ops.multilabelSoftMargin,
  { takes: "logits" },
);

/** The Kullback-Leibler divergence of a model's logarithms of probabilities from target probabilities. */
export const klDivergence: LossFactory<ops.KlDivergenceOptions> = /* @__PURE__ */ lossFactory(ops.klDivergence);

/** How improbable counts are under Poisson distributions whose rates, or their logarithms, a model puts out. */
export const poissonNll: LossFactory<ops.PoissonNllOptions> = /* @__PURE__ */ lossFactory(ops.poissonNll);

/** max(0, 1 − target·prediction), with targets 1 and −1. */
export const hinge: LossFactory = /* @__PURE__ */ lossFactory(ops.hinge);

/** A distance itself where the target is 1, and what it lacks of a margin where it is −1. */
export const hingeEmbedding: LossFactory<ops.MarginOptions> = /* @__PURE__ */ lossFactory(ops.hingeEmbedding);

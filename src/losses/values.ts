import {
  binaryCrossEntropy as binaryCrossEntropyOp,
  binaryCrossEntropyWithLogits as binaryCrossEntropyWithLogitsOp,
  type BinaryCrossEntropyWithLogitsOptions,
  focal as focalOp,
  type FocalOptions,
  multilabelSoftMargin as multilabelSoftMarginOp,
  type MultilabelSoftMarginOptions,
  softMargin as softMarginOp,
} from "../ops/losses/binary.js";
import {
  halfSumOfSquares as halfSumOfSquaresOp,
  huber as huberOp,
  type HuberOptions,
  meanAbsoluteError as meanAbsoluteErrorOp,
  meanSquaredError as meanSquaredErrorOp,
  smoothL1 as smoothL1Op,
  type SmoothL1Options,
} from "../ops/losses/distances.js";
import {
  klDivergence as klDivergenceOp,
  type KlDivergenceOptions,
  poissonNll as poissonNllOp,
  type PoissonNllOptions,
} from "../ops/losses/likelihoods.js";
import { hinge as hingeOp, hingeEmbedding as hingeEmbeddingOp, type MarginOptions } from "../ops/losses/margins.js";
import { type LossFactory, lossFactory } from "./loss.js";

// Losses on values, in the shape of the model's output. Each is the operation of its name.

/** Mean over all elements of (prediction − target)². */
export const meanSquaredError: LossFactory = /* @__PURE__ */ lossFactory(meanSquaredErrorOp);

/** ½ Σ (prediction − target)² of a sample, averaged over the batch: the loss of the classical backpropagation notes. */
export const halfSumOfSquares: LossFactory = /* @__PURE__ */ lossFactory(halfSumOfSquaresOp);

/** Mean over all elements of |prediction − target|. */
export const meanAbsoluteError: LossFactory = /* @__PURE__ */ lossFactory(meanAbsoluteErrorOp);

/** Squares of small distances, straight lines from δ on. */
export const huber: LossFactory<HuberOptions> = /* @__PURE__ */ lossFactory(huberOp);

/** Squares of small distances over 2β, straight lines of slope 1 from β on. */
export const smoothL1: LossFactory<SmoothL1Options> = /* @__PURE__ */ lossFactory(smoothL1Op);

/** −t·ln p − (1 − t)·ln(1 − p) for a model that ends in probabilities, and targets from 0 to 1. */
export const binaryCrossEntropy: LossFactory = /* @__PURE__ */ lossFactory(binaryCrossEntropyOp);

/** The same for a model that ends in logits: the sigmoid is part of the loss, exact for logits of any size. */
export const binaryCrossEntropyWithLogits: LossFactory<BinaryCrossEntropyWithLogitsOptions> =
  /* @__PURE__ */ lossFactory(binaryCrossEntropyWithLogitsOp, { takes: "logits" });

/** Binary cross-entropy of logits in which what is nearly right counts little. */
export const focal: LossFactory<FocalOptions> = /* @__PURE__ */ lossFactory(focalOp, { takes: "logits" });

/** ln(1 + e^(−target·prediction)), with targets 1 and −1. */
export const softMargin: LossFactory = /* @__PURE__ */ lossFactory(softMarginOp);

/** Binary cross-entropy of the logits of labels of which several may hold, averaged over them. */
export const multilabelSoftMargin: LossFactory<MultilabelSoftMarginOptions> = /* @__PURE__ */ lossFactory(
  multilabelSoftMarginOp,
  { takes: "logits" },
);

/** The Kullback-Leibler divergence of a model's logarithms of probabilities from target probabilities. */
export const klDivergence: LossFactory<KlDivergenceOptions> = /* @__PURE__ */ lossFactory(klDivergenceOp);

/** How improbable counts are under Poisson distributions whose rates, or their logarithms, a model puts out. */
export const poissonNll: LossFactory<PoissonNllOptions> = /* @__PURE__ */ lossFactory(poissonNllOp);

/** max(0, 1 − target·prediction), with targets 1 and −1. */
export const hinge: LossFactory = /* @__PURE__ */ lossFactory(hingeOp);

/** A distance itself where the target is 1, and what it lacks of a margin where it is −1. */
export const hingeEmbedding: LossFactory<MarginOptions> = /* @__PURE__ */ lossFactory(hingeEmbeddingOp);

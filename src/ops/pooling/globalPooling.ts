import { flag, optional } from "../../engine/index.js";
import { define, reducedShape, type Value } from "../../graph/index.js";
import { carrying } from "../publicFunction.js";
import { max } from "../reductions/maxAndMin.js";
import { mean, type ReductionOptions } from "../reductions/sum.js";
import { checkImages } from "./images.js";

export interface GlobalPoolOptions {
  /** Whether the axes stay with length 1. Default false. */
  readonly keepDims?: boolean;
}

/** How the options of global pooling are read. */
export const globalPoolReaders = () => ({ keepDims: optional(flag, false) });

function globalPooling(
  kind: "Avg" | "Max",
  rank: number,
  reduce: (x: Value, options: ReductionOptions) => Value,
): (x: Value, options?: GlobalPoolOptions) => Value {
  const name = `global${kind}Pool${rank}d`;
  const axes = Array.from({ length: rank }, (_, i) => i + 1);
  const operation = define({
    ...{ name, inputs: ["x"], attributes: { keepDims: false } },
    options: globalPoolReaders,
    shape({ x }, { keepDims }) {
      checkImages(name, x, rank);
      return { y: reducedShape(x.shape, axes, keepDims) };
    },
    compose: ({ x }, { keepDims }) => ({ y: reduce(x, { axes, keepDims }) }),
  });
  return carrying(operation, (x: Value, options: GlobalPoolOptions = {}) => operation.call({ x }, options).y);
}

/** Mean of each channel: [B, L, C] → [B, C], or [B, 1, C] by `keepDims`. */
export const globalAvgPool1d = /* @__PURE__ */ globalPooling("Avg", 1, mean);

/** Mean of each channel: [B, H, W, C] → [B, C], or [B, 1, 1, C] by `keepDims`. */
export const globalAvgPool2d = /* @__PURE__ */ globalPooling("Avg", 2, mean);

/** Mean of each channel: [B, D, H, W, C] → [B, C], or [B, 1, 1, 1, C] by `keepDims`. */
export const globalAvgPool3d = /* @__PURE__ */ globalPooling("Avg", 3, mean);

/** Largest value of each channel: [B, L, C] → [B, C], or [B, 1, C] by `keepDims`. Equal ones share the gradient. */
export const globalMaxPool1d = /* @__PURE__ */ globalPooling("Max", 1, max);

/** Largest value of each channel: [B, H, W, C] → [B, C], or [B, 1, 1, C] by `keepDims`. Equal ones share the gradient. */
export const globalMaxPool2d = /* @__PURE__ */ globalPooling("Max", 2, max);

/** Largest value of each channel: [B, D, H, W, C] → [B, C], or [B, 1, 1, 1, C] by `keepDims`. Equal ones share the gradient. */
export const globalMaxPool3d = /* @__PURE__ */ globalPooling("Max", 3, max);

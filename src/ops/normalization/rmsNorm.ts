import type { Value } from "../../graph/index.js";
import { rowNormOperation, type RowNormOptions } from "./rowNorm.js";

/** The distance of 1 from the next float32, which PyTorch adds. */
export const smallestStep: number = 2 ** -23;

export const rmsNormOperation = /* @__PURE__ */ rowNormOperation("rmsNorm", ["gamma?"], smallestStep);

/**
 * x/√(mean(x²) + ε)·gamma over the last axes, each row by itself: x [..., N], gamma [N] → [..., N] (Zhang and Sennrich, "Root Mean
 * Square Layer Normalization", 2019). `normalizedShape` as for `layerNorm`. ε is 2⁻²³ by default.
 * @throws ShapeError for shapes that do not fit, ArgumentError for ε < 0
 */
export function rmsNorm(x: Value, gamma?: Value, options: RowNormOptions = {}): Value {
  return rmsNormOperation.call({ x, gamma }, options).y;
}

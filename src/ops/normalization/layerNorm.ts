import type { Value } from "../../graph/index.js";
import { rowNormOperation, type RowNormOptions } from "./rowNorm.js";

export const layerNormOperation = /* @__PURE__ */ rowNormOperation("layerNorm", ["gamma?", "beta?"], 1e-5);

/**
 * (x − mean)/√(variance + ε)·gamma + beta over the last axes, each row by itself: x [..., N], gamma and beta [N] → [..., N] (Ba, Kiros
 * and Hinton, "Layer Normalization", 2016). `normalizedShape` is the lengths of those axes, by default gamma's shape, else the last
 * axis. The variance is the biased one. ε is 1e-5 by default.
 * @throws ShapeError for shapes that do not fit, ArgumentError for ε < 0
 */
export function layerNorm(x: Value, gamma?: Value, beta?: Value, options: RowNormOptions = {}): Value {
  return layerNormOperation.call({ x, gamma, beta }, options).y;
}

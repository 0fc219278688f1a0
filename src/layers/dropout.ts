import { numberFrom, optional } from "../engine/index.js";
import type { Value } from "../graph/index.js";
import { dropout as dropoutOp } from "../ops/regularization/dropout.js";
import * as variants from "../ops/regularization/dropoutVariants.js";
import { layerFactory, type LayerFactory } from "./factory.js";

export interface DropoutOptions {
  /** Probability of being dropped, from 0 to 1. Default 0.5. */
  readonly p?: number;
}

function dropping(name: string, drop: (x: Value, p: number) => Value): LayerFactory<DropoutOptions, number> {
  return layerFactory(
    name,
    () => ({ p: optional(numberFrom(0, 1), 0.5) }),
    ({ p }) => ({ name, apply: (x, scope) => (scope.training && p > 0 ? drop(x, p) : x) }),
    "p",
  );
}

/**
 * Sets elements to 0 with probability `p` while training and scales the others by 1/(1−p); does nothing in evaluation. A
 * number in the place of the options is p.
 */
export const dropout = /* @__PURE__ */ dropping("dropout", dropoutOp);

/** Dropout of whole channels of each sample: [B, ..., C]. All else as `dropout`. */
export const channelDropout = /* @__PURE__ */ dropping("channelDropout", variants.channelDropout);

/** Dropout for networks of SELUs, which leaves mean 0 and variance 1 what they are. All else as `dropout`. */
export const alphaDropout = /* @__PURE__ */ dropping("alphaDropout", variants.alphaDropout);

/** `alphaDropout` of whole channels of each sample: [B, ..., C]. */
export const featureAlphaDropout = /* @__PURE__ */ dropping("featureAlphaDropout", variants.featureAlphaDropout);

import { numberBelow, optional } from "../engine/index.js";
import { dropout as dropoutOp } from "../ops/regularization/dropout.js";
import { layerFactory, type LayerFactory } from "./factory.js";

export interface DropoutOptions {
  /** Probability of 0, from 0 up to, not including, 1. Default 0.5. */
  readonly p?: number;
}

/**
 * Sets elements to 0 with probability `p` while training and scales the others by 1/(1−p); does nothing in evaluation. A
 * number in the place of the options is p.
 */
export const dropout: LayerFactory<DropoutOptions, number> = /* @__PURE__ */ layerFactory(
  "dropout",
  () => ({ p: optional(numberBelow(0, 1), 0.5) }),
  ({ p }) => ({ name: "dropout", apply: (x, scope) => (scope.training && p > 0 ? dropoutOp(x, p) : x) }),
  "p",
);

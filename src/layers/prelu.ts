import { integerFrom, numberFrom, optional } from "../engine/index.js";
import { prelu as preluOp } from "../ops/activations/prelu.js";
import { layerFactory, type LayerFactory } from "./factory.js";

export interface PreluOptions {
  /** How many slopes there are: 1, or one for each channel, the last axis. Default 1. */
  readonly numParameters?: number;
  /** What they begin with. Default 0.25. */
  readonly init?: number;
}

/** x where it is positive, else a slope that is learnt times x. State: weight [numParameters]. */
export const prelu: LayerFactory<PreluOptions> = /* @__PURE__ */ layerFactory(
  "prelu",
  () => ({ numParameters: optional(integerFrom(1), 1), init: optional(numberFrom(-Infinity), 0.25) }),
  ({ numParameters, init }) => ({
    name: "prelu",
    apply: (x, scope) =>
      preluOp(
        x,
        scope.parameter("weight", [numParameters], () => new Float32Array(numParameters).fill(init)),
      ),
  }),
);

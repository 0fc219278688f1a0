import { define, type Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { exp } from "../elementwise/exp.js";
import { maximum } from "../elementwise/extrema.js";
import { abs, negate } from "../elementwise/magnitude.js";
import { multiply } from "../elementwise/multiply.js";
import { log1p } from "../elementwise/nearOne.js";
import { sigmoid } from "../activations/sigmoid.js";

export const logisticOperation = /* @__PURE__ */ define({
  name: "logistic",
  inputs: ["x"],
  shape: ({ x }) => ({ y: x.shape }),
  compose: ({ x }) => ({ y: add(maximum(x, 0), log1p(exp(negate(abs(x))))) }),
  gradient: ({ inputs: { x }, upstreams: { y: dy } }) => ({ x: multiply(dy, sigmoid(x)) }),
});

/** ln(1 + eˣ) = −ln(1 − sigmoid(x)), exact for x of any size: what a logit costs whose target is 0. */
export function logistic(x: Value): Value {
  return logisticOperation.apply({ x }).y;
}

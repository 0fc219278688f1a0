import { checkEqualShapes, define, type Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { divide } from "../elementwise/divide.js";
import { clamp } from "../elementwise/extrema.js";
import { log } from "../elementwise/log.js";
import { negate } from "../elementwise/magnitude.js";
import { multiply } from "../elementwise/multiply.js";
import { log1p } from "../elementwise/nearOne.js";
import { subtract } from "../elementwise/subtract.js";

/** What stands for 1 and what for 0, each by how far the target is that. */
export function mixed(target: Value, ofOne: Value, ofZero: Value): Value {
  return add(multiply(target, ofOne), multiply(subtract(1, target), ofZero));
}

/** Logarithms of p and 1 − p, neither below −100. The gradient is (p − target)/(p·(1 − p)), its divisor at least 1e-12. */
export const probabilityLossOperation = /* @__PURE__ */ define({
  name: "probabilityLoss",
  inputs: ["p", "target"],
  shape({ p, target }) {
    checkEqualShapes("binaryCrossEntropy", p, target);
    return { y: p.shape };
  },
  compose({ p, target }) {
    const atLeast = { min: -100 };
    return { y: negate(mixed(target, clamp(log(p), atLeast), clamp(log1p(negate(p)), atLeast))) };
  },
  gradient({ inputs: { p, target }, upstreams: { y: dy } }) {
    const atLeast = { min: -100 };
    const spread = clamp(multiply(p, subtract(1, p)), { min: 1e-12 });
    return {
      p: multiply(dy, divide(subtract(p, target), spread)),
      target: multiply(dy, subtract(clamp(log1p(negate(p)), atLeast), clamp(log(p), atLeast))),
    };
  },
});

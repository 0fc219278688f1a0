import { constants, ShapeError } from "../../engine/index.js";
import { checkEqualShapes, define, reshaped, type Value } from "../../graph/index.js";
import { multiply } from "../elementwise/multiply.js";
import { scale } from "../elementwise/scale.js";
import { subtract } from "../elementwise/subtract.js";

/** factor·dLoss·(a − b). */
export const squaredErrorBackwardOperation = /* @__PURE__ */ define({
  name: "squaredErrorBackward",
  inputs: ["a", "b", "dLoss"],
  outputs: ["dx"],
  attributes: { factor: 1 },
  shape: ({ a }) => ({ dx: a.shape }),
  lower: (emit, { inputs: { a, b, dLoss }, outputs: { dx }, attributes: { factor } }) =>
    emit.record("squaredErrorBackward", { a, b, dLoss, dx, count: dx.size, factor }),
  compose({ a, b, dLoss }, { factor }) {
    return { dx: scale(multiply(reshaped(dLoss, []), subtract(a, b)), factor) };
  },
});

/** factor·Σ (prediction − target)². */
export const squaredErrorOperation = /* @__PURE__ */ define({
  name: "squaredError",
  inputs: ["prediction", "target"],
  attributes: { factor: 1 },
  shape: () => ({ y: [1] }),
  lower(emit, { inputs: { prediction: a, target: b }, outputs: { y }, attributes: { factor } }) {
    const chunks = Math.ceil(a.size / constants.squaredErrorChunk);
    const partials = emit.scratch(4 * chunks, "partial sums");
    emit.record("squaredError", { a, b, y: partials, count: a.size });
    emit.record("sum", { x: partials, y, count: chunks, factor });
  },
  gradient({ inputs: { prediction, target }, upstreams: { y: dLoss }, attributes: { factor } }) {
    // The factor of a mean over nothing is infinite, and its gradient empty.
    const slope = prediction.size === 0 ? 0 : 2 * factor;
    const difference = (a: Value, b: Value): Value =>
      squaredErrorBackwardOperation.apply({ a, b, dLoss }, { factor: slope }).dx;
    return { prediction: difference(prediction, target), target: difference(target, prediction) };
  },
});

/** Mean of (prediction − target)² over all elements, as PyTorch's MSELoss: equal shapes → [1]. Throws ShapeError. */
export function meanSquaredError(prediction: Value, target: Value): Value {
  checkEqualShapes("meanSquaredError", prediction, target);
  return squaredErrorOperation.apply({ prediction, target }, { factor: 1 / prediction.size }).y;
}

/**
 * ½ Σ (prediction − target)² over all elements, divided by the batch B: [B, ...] twice → [1]. The gradient is
 * (prediction − target)/B. Throws ShapeError.
 */
export function halfSumOfSquares(prediction: Value, target: Value): Value {
  checkEqualShapes("halfSumOfSquares", prediction, target);
  const [batch] = prediction.shape;
  if (batch === undefined) throw new ShapeError(`halfSumOfSquares: ${prediction.label} has no batch axis`);
  return squaredErrorOperation.apply({ prediction, target }, { factor: 0.5 / batch }).y;
}

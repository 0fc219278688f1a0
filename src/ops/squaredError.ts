import { constants, ShapeError } from "../engine/index.js";
import type { Operation, Value } from "../graph/index.js";
import { checkEqualShapes } from "./equalShapes.js";

/** factor·Σ (prediction − target)². */
const operation: Operation<{ readonly factor: number }, undefined> = {
  name: "squaredError",
  forward(emit, { inputs: [prediction, target], attributes: { factor }, output }) {
    const count = prediction!.size;
    const chunks = Math.ceil(count / constants.squaredErrorChunk);
    const partials = emit.scratch(4 * chunks, "partial sums");
    emit.record("squaredError", { a: emit.data(prediction!), b: emit.data(target!), y: partials, count });
    emit.record("sum", { x: partials, y: emit.data(output), count: chunks, factor });
    return undefined;
  },
  backward(emit, { inputs: [prediction, target], attributes: { factor } }, _saved, dy) {
    const [p, t] = [emit.data(prediction!), emit.data(target!)];
    const common = { dLoss: dy, count: prediction!.size, factor: 2 * factor };
    emit.contribute([prediction!, target!], ([dp, dt]) => {
      if (dp) emit.record("squaredErrorBackward", { a: p, b: t, dx: dp, ...common });
      if (dt) emit.record("squaredErrorBackward", { a: t, b: p, dx: dt, ...common });
    });
  },
};

/** Mean of (prediction − target)² over all elements, as PyTorch's MSELoss: equal shapes → [1]. Throws ShapeError. */
export function meanSquaredError(prediction: Value, target: Value): Value {
  checkEqualShapes("meanSquaredError", prediction, target);
  return prediction.graph.apply(operation, [prediction, target], { factor: 1 / prediction.size }, [1]);
}

/**
 * ½ Σ (prediction − target)² over all elements, divided by the batch B: [B, ...] twice → [1]. The gradient is
 * (prediction − target)/B. Throws ShapeError.
 */
export function halfSumOfSquares(prediction: Value, target: Value): Value {
  checkEqualShapes("halfSumOfSquares", prediction, target);
  const [batch] = prediction.shape;
  if (batch === undefined) throw new ShapeError(`halfSumOfSquares: ${prediction.label} has no batch axis`);
  return prediction.graph.apply(operation, [prediction, target], { factor: 0.5 / batch }, [1]);
}

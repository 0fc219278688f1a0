import { ArgumentError, ShapeError, show } from "../engine/index.js";
import { formatShape, formatValue, inputsOf, reshaped, type Shape, Value } from "../graph/index.js";
import type { Model } from "../layers/index.js";
import type { Loss } from "../losses/index.js";
import { cast } from "../ops/elementwise/cast.js";
import { notEqual } from "../ops/elementwise/comparisons.js";
import { multiply } from "../ops/elementwise/multiply.js";
import { mean, sum } from "../ops/reductions/sum.js";

/** What decides the shape of targets: that of a data set, and whether they are integers. */
interface Given {
  readonly targetShape: Shape;
  readonly hasLabels: boolean;
}

/** Shape of a sample's target. */
export function wantedTargetShape(loss: Loss, { outputShape }: Pick<Model, "outputShape">, given: Given): Shape {
  if (loss.targetShape) return loss.targetShape(outputShape, given.targetShape);
  return given.hasLabels ? outputShape.slice(0, -1) : outputShape;
}

/** The loss of a batch, [1]: what the loss gives, or the mean of that over the samples. Throws ShapeError, ArgumentError for what is neither. */
export function lossOfBatch(loss: Loss, prediction: Value, target: Value, weights: Value | undefined): Value {
  const y: unknown = weights ? loss.apply(prediction, target, { weights }) : loss.apply(prediction, target);
  if (!(y instanceof Value) || y.graph !== prediction.graph || y.dataType !== "f32") {
    const given = y instanceof Value ? formatValue(y) : show(y);
    throw new ArgumentError(`${loss.name} must return a float32 value of the graph that it is given, got ${given}`);
  }
  const isWeighted = weights === undefined || dependsOn(y, weights);
  if (y.size === 1 && isWeighted) return reshaped(y, [1]);
  if (y.shape[0] === target.shape[0]) {
    const factors = weights && reshaped(weights, [...weights.shape, ...y.shape.slice(1).map(() => 1)]);
    return reshaped(mean(factors && !isWeighted ? multiply(y, factors) : y), [1]);
  }
  if (y.size === 1) {
    throw new ArgumentError(
      `${loss.name} makes nothing of the weights of samples that the data set has: take them as ` +
        "(prediction, target, { weights }) => …, or return the loss of each sample, [B]",
    );
  }
  throw new ShapeError(
    `${loss.name} must return one number, or the loss of each sample, [${target.shape[0]!}] or longer; got ${formatShape(y.shape)}`,
  );
}

/** Whether a value is computed from another. */
function dependsOn(y: Value, x: Value): boolean {
  const dependent = new Set([x]);
  for (const node of x.graph.nodes) {
    if (inputsOf(node).some((input) => dependent.has(input)))
      for (const output of Object.values(node.outputs)) dependent.add(output);
  }
  return dependent.has(y);
}

/** How many labels count, a number if all do, and how many of them are predicted rightly. */
export interface Counts {
  readonly correct: Value | undefined;
  readonly counted: Value | number | undefined;
}

/** The counts of a batch; undefined for losses without classes, and targets that are no labels. */
export function countsOf({ ignoreIndex, countCorrect }: Loss, prediction: Value, target: Value): Counts {
  if (!countCorrect || target.dataType !== "i32") return { correct: undefined, counted: undefined };
  const correct = countCorrect(prediction, target);
  if (ignoreIndex === undefined) return { correct, counted: target.size };
  return { correct, counted: reshaped(sum(cast(notEqual(target, ignoreIndex), "f32")), [1]) };
}

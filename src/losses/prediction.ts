import { ArgumentError, ShapeError } from "../engine/index.js";
import { formatShape, inputsOf, type Node, outputOf, type Value } from "../graph/index.js";
import type { Loss } from "./loss.js";

/** Operations whose results are probabilities, by name: one that is written in TypeScript counts as what it is called. */
const probabilities = new Set(["softmax", "sigmoid"]);
/** Operations, beside views, that leave probabilities what they are. */
const transparent = new Set(["dropout", "relu", "maxPool2d"]);

/**
 * Refuses what a loss cannot learn from: probabilities where it takes logits, of which it takes the softmax itself, or
 * another number of outputs than one a class. Logarithms of probabilities are logits: their softmax is the probabilities.
 * @param prediction what the model gives for a batch
 * @throws ArgumentError, ShapeError
 */
export function checkPrediction(loss: Loss, prediction: Value, mode: "training" | "evaluation"): void {
  if (loss.takes !== "logits") return;
  const source = sourceOfProbabilities(prediction);
  if (source) {
    throw new ArgumentError(
      `${loss.name} takes logits and makes probabilities of them itself, but in ${mode} the model gives probabilities ` +
        `already, by ${source}: with both it learns badly. End the model in the layer before, usually a linear one; to ` +
        "read probabilities, take the softmax or sigmoid of what predict returns",
    );
  }
  if (loss.targets !== "classes") return;
  if (prediction.shape.length < 2) {
    throw new ShapeError(
      `${loss.name} wants a model that puts out [..., classes] per sample, one score for each; this one puts out ` +
        `${formatShape(prediction.shape.slice(1))} per sample: end it in nn.linear({ outFeatures: classes })`,
    );
  }
  if (prediction.shape.at(-1) === 1) {
    throw new ArgumentError(
      `${loss.name} chooses between classes, and the model has one output: the loss would always be 0. End the model in one ` +
        "output a class, in two for yes or no",
    );
  }
}

/** The provenance of the operation that made a value of probabilities; undefined if they are none. */
function sourceOfProbabilities(prediction: Value): string | undefined {
  const producers = new Map(prediction.graph.nodes.map((node) => [outputOf(node), node]));
  const producerOf = (value: Value | undefined): Node | undefined => value && producers.get(value);
  let node = producerOf(prediction);
  while (node && (node.operation.isView || transparent.has(node.operation.name))) node = producerOf(inputsOf(node)[0]);
  if (!node) return undefined;
  const isExpOfLog = node.operation.name === "exp" && producerOf(inputsOf(node)[0])?.operation.name === "logSoftmax";
  return probabilities.has(node.operation.name) || isExpOfLog ? node.source : undefined;
}

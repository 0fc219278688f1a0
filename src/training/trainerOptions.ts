import { ArgumentError, checkFunction, checkInteger, checkOptions, show } from "../engine/index.js";
import { Graph, type Value } from "../graph/index.js";
import type { Model } from "../layers/index.js";
import { tracedBatch } from "../layers/batchAxis.js";
import type { Loss, LossFunction } from "../losses/index.js";
import { isLossFactory, lossOf } from "../losses/loss.js";
import { checkPrediction } from "../losses/prediction.js";
import type { Clipping, Optimizer } from "../optim/index.js";
import { isOptimizer } from "../optim/optimizer.js";
import { lossOfBatch } from "./batchLoss.js";
import { checkOnNonFinite, type OnNonFinite } from "./stepGuard.js";

export interface TrainerOptions {
  /**
   * One that takes logits wants a model that ends in them, not in a softmax or sigmoid. A function of Values is a loss on values in
   * the shape of the model's output; `losses.custom` says more of one.
   */
  readonly loss: Loss | LossFunction;
  readonly optimizer: Optimizer;
  /** What is done to gradients before the optimizer sees them, such as `optim.clipByGlobalNorm(1)`. Default: nothing. */
  readonly clipping?: Clipping | undefined;
  /** Seeds the shuffles and dropout. Default: drawn from the engine's. */
  readonly seed?: number | undefined;
  /** What becomes of steps whose loss or gradient is NaN or infinite, unless `fit` is told otherwise. Default "throw". */
  readonly onNonFinite?: OnNonFinite;
}

/**
 * Throws, saying what to write, unless a trainer can be made of these: ArgumentError for what they are, ShapeError for a
 * model that does not put out what the loss wants.
 */
export function checkTrainer(model: Model, options: TrainerOptions): void {
  if (!has(model, ["trace", "predict"], "function")) {
    throw new ArgumentError(
      `a Trainer wants a built model, got ${show(model)}; nn.sequential(…).build(engine, { inputShape }) makes one`,
    );
  }
  if (has(options, ["apply"], "function")) {
    throw new ArgumentError("Trainer takes loss and optimizer in one object: new Trainer(model, { loss, optimizer })");
  }
  checkOptions("Trainer", options, ["loss", "optimizer", "clipping", "seed", "onNonFinite"]);
  const { loss, optimizer, clipping, seed, onNonFinite } = options;
  const isFunction = typeof loss === "function" && !isLossFactory(loss);
  if (isFunction) checkFunction("loss", loss, "(prediction, target) => ops.huber(prediction, target)");
  else checkMade("loss", loss, isLoss(loss as Loss), "losses.crossEntropy()");
  checkMade("optimizer", optimizer, isOptimizer(optimizer), "optim.adam({ learningRate: 1e-3 })");
  if (clipping !== undefined) {
    checkMade("clipping", clipping, has(clipping, ["apply"], "function"), "optim.clipByGlobalNorm(1)");
  }
  if (seed !== undefined) checkInteger("seed", seed, 0, 0xffffffff);
  if (onNonFinite !== undefined) checkOnNonFinite(onNonFinite);
  const graph = new Graph();
  const x = graph.input([tracedBatch, ...model.inputShape], "the model's input", model.dataType);
  const prediction = model.trace(graph, x, true);
  checkPrediction(lossOf(loss), prediction, "training");
  checkLoss(lossOf(loss), prediction);
}

/** Applies a loss to targets as it wants them, if that does not depend on the data set. */
function checkLoss(loss: Loss, prediction: Value): void {
  if (loss.targetShape) return;
  const hasLabels = loss.targets === "classes";
  const shape = hasLabels ? prediction.shape.slice(0, -1) : prediction.shape;
  const target = prediction.graph.input(shape, "the targets", hasLabels ? "i32" : "f32");
  lossOfBatch(loss, prediction, target, undefined);
}

function isLoss(loss: Loss): boolean {
  return (
    has(loss, ["apply"], "function") &&
    ["classes", "values"].includes(loss.targets) &&
    [undefined, "logits"].includes(loss.takes)
  );
}

function checkMade(name: string, value: unknown, isMade: boolean, example: string): void {
  if (typeof value === "function") {
    throw new ArgumentError(`${name} is ${show(value)} itself: call it, e.g. ${name}: ${example}`);
  }
  if (!isMade) throw new ArgumentError(`${name} must be one such as ${example}, got ${show(value)}`);
}

/** Whether a value is an object with members of these names, all of one type. */
export function has(value: unknown, names: readonly string[], type: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  return names.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === type);
}

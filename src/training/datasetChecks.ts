import { ArgumentError, ShapeError, show } from "../engine/index.js";
import type { Dataset } from "../data/dataset.js";
import { formatShape, type Shape, sizeOf } from "../graph/index.js";
import type { Model } from "../layers/index.js";
import type { Loss } from "../losses/index.js";
import { wantedTargetShape } from "./stepPrograms.js";
import { has } from "./trainerOptions.js";

/**
 * Throws unless a model can be trained or evaluated on a data set: ArgumentError for what is none, or has targets that are
 * not the loss's; ShapeError for samples or targets of other shapes than the model's.
 * @param what names it in messages, e.g. "the data set"
 */
export function checkDataset(model: Model, loss: Loss, dataset: Dataset, what: string): void {
  checkIsDataset(dataset, what);
  if (dataset.length < 1) throw new ArgumentError(`${what} is empty: it needs at least one sample`);
  if (formatShape(dataset.inputShape) !== formatShape(model.inputShape)) {
    throw new ShapeError(
      `${what} has samples of shape ${formatShape(dataset.inputShape)}, the model was built for ${formatShape(model.inputShape)}`,
    );
  }
  if (loss.targets === "classes") checkLabels(model, loss, dataset, what);
  else checkValues(model, loss, dataset, what);
}

function checkIsDataset(dataset: unknown, what: string): void {
  const isDataset =
    has(dataset, ["inputs", "targets", "inputShape", "targetShape"], "object") && has(dataset, ["length"], "number");
  if (isDataset) return;
  const remedy = has(dataset, ["then"], "function")
    ? "await it"
    : "data.dataset({ inputs, inputShape, targets }) makes one";
  throw new ArgumentError(`${what} must be a data set, got ${show(dataset)}; ${remedy}`);
}

function checkValues(model: Model, loss: Loss, { targets, targetShape }: Dataset, what: string): void {
  if (!(targets instanceof Float32Array)) {
    throw new ArgumentError(
      `${loss.name} wants float targets, ${what} has class labels: write targets: Float32Array.from(targets), or for ` +
        "classes use losses.crossEntropy()",
    );
  }
  const wanted = wantedTargetShape(loss, model);
  const isOneNumber = sizeOf(wanted) === 1 && sizeOf(targetShape) === 1;
  if (isOneNumber || formatShape(targetShape) === formatShape(wanted)) return;
  const remedy =
    sizeOf(wanted) === sizeOf(targetShape)
      ? `write data.dataset({ …, targetShape: ${formatShape(wanted)} })`
      : `give each sample ${perSample(wanted)}, with targetShape: ${formatShape(wanted)}, or change the model's last layer`;
  throw new ShapeError(
    `${loss.name} wants targets of shape ${formatShape(wanted)} per sample, since the model puts out ` +
      `${formatShape(model.outputShape)} per sample; ${what} has ${perSample(targetShape)}: ${remedy}`,
  );
}

function perSample(shape: Shape): string {
  if (shape.length === 0) return "one number per sample (targetShape [])";
  return `targets of shape ${formatShape(shape)} per sample`;
}

function checkLabels({ outputShape }: Model, loss: Loss, { targets, targetShape }: Dataset, what: string): void {
  const classes = outputShape.at(-1) ?? 0;
  if (targets instanceof Float32Array) {
    throw new ArgumentError(
      `${loss.name} wants class labels, one integer per sample; ${what} has float targets: ` +
        labelRemedy(targets, sizeOf(targetShape), classes),
    );
  }
  const wrong = targets.findIndex((label) => !(label >= 0 && label < classes));
  if (wrong >= 0) {
    throw new ArgumentError(
      `sample ${wrong} of ${what} has label ${targets[wrong]}; the model's ${classes} outputs are labels 0 … ${classes - 1}`,
    );
  }
}

function labelRemedy(targets: Float32Array, numbersPerSample: number, classes: number): string {
  if (numbersPerSample === 1 && targets.every((target) => Number.isInteger(target) && target >= 0)) {
    return "write targets: Int32Array.from(targets)";
  }
  if (numbersPerSample === classes && classes > 1)
    return "instead of a row for each sample give the index of its class";
  return "for values use losses.meanSquaredError()";
}

import { ArgumentError, ShapeError } from "../engine/index.js";
import { checkWeights, type Dataset, isSameShape, type Targets, viewsOf } from "../data/dataset.js";
import { formatShape, type Shape, sizeOf } from "../graph/index.js";
import type { Model } from "../layers/index.js";
import type { Loss } from "../losses/index.js";
import { wantedTargetShape } from "./batchLoss.js";

/**
 * The views of a data set on which a model can be trained or evaluated; its labels are yet to be checked.
 * @param what names it in messages, e.g. "the data set"
 * @throws ArgumentError for what is none, or has targets that are not the loss's
 * @throws ShapeError for samples or targets of other shapes than the model's
 */
export function checkDataset(model: Model, loss: Loss, dataset: Dataset, what: string): Dataset {
  const views = viewsOf(dataset, what);
  if (!isSameShape(views.inputShape, model.inputShape)) {
    throw new ShapeError(
      `${what} has samples of shape ${formatShape(views.inputShape)}, the model was built for ${formatShape(model.inputShape)}`,
    );
  }
  if (model.dataType === "i32" && views.inputs instanceof Float32Array) {
    throw new ArgumentError(
      `${what} has inputs of float32, the model was built for tokens of int32: write inputs: Int32Array.from(inputs)`,
    );
  }
  if (views.sampleWeights) checkWeights(views.sampleWeights);
  checkTargets(model, loss, views, what);
  return views;
}

function checkTargets(model: Model, loss: Loss, views: Dataset, what: string): void {
  const { targets, targetShape } = views;
  const hasLabels = !(targets instanceof Float32Array);
  if (hasLabels && loss.targets === "values") {
    throw new ArgumentError(
      `${loss.name} wants float targets, ${what} has class labels: write targets: Float32Array.from(targets), or for ` +
        "classes use losses.crossEntropy()",
    );
  }
  if (!hasLabels && loss.targets === "classes") checkProbabilities(model, loss, views, what);
  const wanted = wantedTargetShape(loss, model, { targetShape, hasLabels });
  const isOneNumber = sizeOf(wanted) === 1 && sizeOf(targetShape) === 1;
  if (isOneNumber || isSameShape(targetShape, wanted)) return;
  if (hasLabels) {
    const ends = wanted.length > 0 ? ", or end the model in nn.flatten() and nn.linear({ outFeatures: classes })" : "";
    throw new ShapeError(
      `${loss.name} wants labels of shape ${formatShape(wanted)} per sample, since the model puts out ` +
        `${formatShape(model.outputShape)} per sample; ${what} has labels of shape ${formatShape(targetShape)}: write ` +
        `data.dataset({ …, targetShape: ${formatShape(wanted)} })${ends}`,
    );
  }
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

/** Throws ArgumentError for float targets of a loss on classes that are no probabilities of all classes, or that it does not take. */
function checkProbabilities({ outputShape }: Model, loss: Loss, { targets, targetShape }: Dataset, what: string): void {
  if (loss.takesProbabilities && isSameShape(targetShape, outputShape)) return;
  const offer = loss.takesProbabilities ? `, or probabilities of shape ${formatShape(outputShape)}` : "";
  throw new ArgumentError(
    `${loss.name} wants class labels, one integer per sample${offer}; ${what} has float targets: ` +
      labelRemedy(targets as Float32Array, sizeOf(targetShape), outputShape.at(-1) ?? 0),
  );
}

/**
 * A copy of targets that the loss can take, checked: another thread cannot change it, as it could the caller's array.
 * @param first which sample of the data set the first one belongs to
 * @throws ArgumentError, naming the sample, for a label that is no class of the model, or of the data set
 */
export function checkedTargets(model: Model, loss: Loss, views: Dataset, what: string, first = 0): Targets {
  const { targets, classes, length } = views;
  const copy = targets.slice();
  if (copy instanceof Float32Array) return copy;
  const outputs = model.outputShape.at(-1) ?? 0;
  const limit = Math.min(outputs, classes ?? Infinity);
  for (let i = 0; i < copy.length; i++) {
    const label = copy[i]!;
    if ((label >= 0 && label < limit) || label === loss.ignoreIndex) continue;
    const labels = limit < outputs ? `its ${limit} classes` : `the model's ${outputs} outputs`;
    const sample = first + Math.floor((i * length) / copy.length);
    const remedy = label === views.ignoreIndex ? `; give the loss ignoreIndex: ${label}, too` : "";
    throw new ArgumentError(
      `sample ${sample} of ${what} has label ${label}; ${labels} are labels 0 … ${limit - 1}${remedy}`,
    );
  }
  return copy;
}

function labelRemedy(targets: Float32Array, numbersPerSample: number, classes: number): string {
  if (numbersPerSample === 1 && targets.every((target) => Number.isInteger(target) && target >= 0)) {
    return "write targets: Int32Array.from(targets)";
  }
  if (numbersPerSample === classes && classes > 1)
    return "instead of a row for each sample give the index of its class";
  return "for values use losses.meanSquaredError()";
}

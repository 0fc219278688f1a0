import type { FusionRule, Operation } from "../graph/index.js";
import { type BatchNormAttributes, batchNormOperation } from "./batchNorm.js";
import { batchNormPoolOperation, canPool } from "./batchNormPool.js";
import { conv2dOperation } from "./conv2d.js";
import { depthwiseConv2dOperation } from "./depthwiseConv2d.js";
import { linearOperation } from "./linear.js";
import { type MaxPool2dAttributes, maxPool2dOperation } from "./maxPool2d.js";
import { reluOperation } from "./relu.js";

/** A ReLU that follows `operation` is applied where that operation writes its output, and its mask where it reads dy. */
function absorbReluAfter<A extends { readonly relu: boolean }, S>(operation: Operation<A, S>): FusionRule {
  return (producer, consumer) =>
    is(producer, operation) && is(consumer, reluOperation) ? withRelu(operation, producer.attributes as A) : undefined;
}

/** A ReLU before `operation`, which gives the same as one after it: a maximum. */
function absorbReluBefore<A extends { readonly relu: boolean }, S>(operation: Operation<A, S>): FusionRule {
  return (producer, consumer) =>
    is(producer, reluOperation) && is(consumer, operation) ? withRelu(operation, consumer.attributes as A) : undefined;
}

function is<A, S>(node: { readonly operation: Operation }, operation: Operation<A, S>): boolean {
  return node.operation === (operation as Operation);
}

function withRelu<A extends { readonly relu: boolean }, S>(
  operation: Operation<A, S>,
  attributes: A,
  relu = true,
): ReturnType<FusionRule> {
  return { operation: operation, attributes: { ...attributes, relu } };
}

/** Pooling takes its windows from values that are normalised on the way. */
const poolWhatIsNormalised: FusionRule = (producer, consumer) => {
  if (!is(producer, batchNormOperation) || !is(consumer, maxPool2dOperation)) return undefined;
  const normalisation = producer.attributes as BatchNormAttributes;
  const pooling = consumer.attributes as MaxPool2dAttributes;
  if (normalisation.relu || !canPool(producer.inputs[0]!, pooling)) return undefined;
  return withRelu(batchNormPoolOperation, normalisation, pooling.relu);
};

/**
 * The fusions of neighbouring operations, each applied everywhere before the next. Pooling comes first: it writes a
 * quarter of what a normalisation does, and its winners carry the mask of the ReLU for nothing.
 */
export const fusionRules: readonly FusionRule[] = [
  absorbReluBefore(maxPool2dOperation),
  poolWhatIsNormalised,
  absorbReluAfter(linearOperation),
  absorbReluAfter(conv2dOperation),
  absorbReluAfter(depthwiseConv2dOperation),
  absorbReluAfter(batchNormOperation),
];

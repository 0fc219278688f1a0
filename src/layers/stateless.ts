import { checkFunction, checkNumber, checkOptions } from "../engine/index.js";
import type { Value } from "../graph/index.js";
import { dropout as dropoutOp } from "../ops/dropout.js";
import { maxPool2d as maxPool2dOp } from "../ops/maxPool2d.js";
import { type PerAxis, perAxis } from "../ops/perAxis.js";
import { relu as reluOp } from "../ops/relu.js";
import { flatten as flattenOp } from "../ops/reshape.js";
import { sigmoid as sigmoidOp } from "../ops/sigmoid.js";
import { softmax as softmaxOp } from "../ops/softmax.js";
import { tanh as tanhOp } from "../ops/tanh.js";
import type { Layer } from "./scope.js";

/** A layer from a plain function of a Value, e.g. `nn.lambda((x) => ops.add(x, f(x)))`. */
export function lambda(f: (x: Value) => Value, name = "lambda"): Layer {
  checkFunction("what nn.lambda makes a layer of", f, "(x) => ops.relu(x)");
  return { name, apply: (x) => f(x) };
}

/** max(x, 0) elementwise. */
export const relu = (): Layer => lambda(reluOp, "relu");
/** 1 / (1 + e^−x) elementwise. */
export const sigmoid = (): Layer => lambda(sigmoidOp, "sigmoid");
/** The hyperbolic tangent elementwise. */
export const tanh = (): Layer => lambda(tanhOp, "tanh");
/** Softmax over the last axis. For training on classes use the logits and losses.crossEntropy(), which includes it. */
export const softmax = (): Layer => lambda(softmaxOp, "softmax");
/** [batch, …] to [batch, features]; NHWC order, so channels vary fastest. */
export const flatten = (): Layer => lambda(flattenOp, "flatten");

export interface MaxPool2dOptions {
  readonly kernelSize: PerAxis;
  /** Default: kernelSize. */
  readonly stride?: PerAxis;
  /** At most half of kernelSize; what lies outside counts as −∞. Default 0. */
  readonly padding?: PerAxis;
}

/** Maximum over windows of [batch, height, width, channels]. */
export function maxPool2d(options: MaxPool2dOptions): Layer {
  checkOptions("nn.maxPool2d", options, ["kernelSize", "stride", "padding"]);
  const { kernelSize, stride = kernelSize, padding = 0 } = options;
  const attributes = {
    kernelSize: perAxis("kernelSize", kernelSize, 1),
    stride: perAxis("stride", stride, 1),
    padding: perAxis("padding", padding, 0),
  };
  return lambda((x) => maxPool2dOp(x, attributes), "maxPool2d");
}

/**
 * Sets elements to 0 with probability `p` while training and scales the others by 1/(1−p); does nothing in evaluation.
 * @param options.p from 0 up to, not including, 1. Default 0.5
 */
export function dropout(options: { readonly p?: number } = {}): Layer {
  checkOptions("nn.dropout", options, ["p"]);
  const { p = 0.5 } = options;
  checkNumber("p", p, 0, 1, true);
  return { name: "dropout", apply: (x, scope) => (scope.training && p > 0 ? dropoutOp(x, p) : x) };
}

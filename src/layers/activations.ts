import * as ops from "../ops/activations/activations.js";
import { activation, stateless } from "./lambda.js";

/** max(x, 0) elementwise. */
export const relu = /* @__PURE__ */ stateless("relu", ops.relu);
/** 1 / (1 + e^−x) elementwise. */
export const sigmoid = /* @__PURE__ */ stateless("sigmoid", ops.sigmoid);
/** The hyperbolic tangent elementwise. */
export const tanh = /* @__PURE__ */ stateless("tanh", ops.tanh);
/** Softmax along one axis. For training on classes use the logits and losses.crossEntropy(), which includes it. */
export const softmax = /* @__PURE__ */ activation(ops.softmax);
/** The logarithm of the softmax along one axis. */
export const logSoftmax = /* @__PURE__ */ activation(ops.logSoftmax);
/** The softmax of −x along one axis. */
export const softmin = /* @__PURE__ */ activation(ops.softmin);
/** The Gaussian error linear unit. */
export const gelu = /* @__PURE__ */ activation(ops.gelu);
/** max(x, 0), but at most 6. */
export const relu6 = /* @__PURE__ */ stateless("relu6", ops.relu6);
/** x where it is positive, else a small part of it. */
export const leakyRelu = /* @__PURE__ */ activation(ops.leakyRelu);
/** The exponential linear unit. */
export const elu = /* @__PURE__ */ activation(ops.elu);
/** The scaled exponential linear unit, for networks that normalise themselves. */
export const selu = /* @__PURE__ */ stateless("selu", ops.selu);
/** The exponential linear unit that is smooth for every alpha. */
export const celu = /* @__PURE__ */ activation(ops.celu);
/** x·sigmoid(x), also called swish. */
export const silu = /* @__PURE__ */ stateless("silu", ops.silu);
/** x·tanh(softplus(x)). */
export const mish = /* @__PURE__ */ stateless("mish", ops.mish);
/** x·hardsigmoid(x). */
export const hardswish = /* @__PURE__ */ stateless("hardswish", ops.hardswish);
/** x/6 + ½ between 0 and 1. */
export const hardsigmoid = /* @__PURE__ */ stateless("hardsigmoid", ops.hardsigmoid);
/** x between two bounds. */
export const hardtanh = /* @__PURE__ */ activation(ops.hardtanh);
/** x, but 0 where it is small. */
export const hardshrink = /* @__PURE__ */ activation(ops.hardshrink);
/** x nearer to 0 by a distance, and 0 within it. */
export const softshrink = /* @__PURE__ */ activation(ops.softshrink);
/** x − tanh x. */
export const tanhshrink = /* @__PURE__ */ stateless("tanhshrink", ops.tanhshrink);
/** x where it is above a threshold, else one number. */
export const threshold = /* @__PURE__ */ activation(ops.threshold);
/** ln(1 + eˣ). */
export const softplus = /* @__PURE__ */ activation(ops.softplus);
/** x / (1 + |x|). */
export const softsign = /* @__PURE__ */ stateless("softsign", ops.softsign);
/** ln sigmoid(x). */
export const logSigmoid = /* @__PURE__ */ stateless("logSigmoid", ops.logSigmoid);
/** Half of the channels, each multiplied by the sigmoid of one of the other half. */
export const glu = /* @__PURE__ */ activation(ops.glu);
/** The second half of the channels, each multiplied by the SiLU of one of the first. */
export const swiglu = /* @__PURE__ */ activation(ops.swiglu);
/** The second half of the channels, each multiplied by the GELU of one of the first. */
export const geglu = /* @__PURE__ */ activation(ops.geglu);
/** The second half of the channels, each multiplied by the ReLU of one of the first. */
export const reglu = /* @__PURE__ */ activation(ops.reglu);

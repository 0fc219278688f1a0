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

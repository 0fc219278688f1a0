import * as ops from "../ops/activations/activations.js";
import { stateless } from "./lambda.js";

/** max(x, 0) elementwise. */
export const relu = /* @__PURE__ */ stateless("relu", ops.relu);
/** 1 / (1 + e^−x) elementwise. */
export const sigmoid = /* @__PURE__ */ stateless("sigmoid", ops.sigmoid);
/** The hyperbolic tangent elementwise. */
export const tanh = /* @__PURE__ */ stateless("tanh", ops.tanh);
/** Softmax over the last axis. For training on classes use the logits and losses.crossEntropy(), which includes it. */
export const softmax = /* @__PURE__ */ stateless("softmax", ops.softmax);

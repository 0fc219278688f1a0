import { relu as reluOp } from "../ops/relu.js";
import { sigmoid as sigmoidOp } from "../ops/sigmoid.js";
import { softmax as softmaxOp } from "../ops/softmax.js";
import { tanh as tanhOp } from "../ops/tanh.js";
import { stateless } from "./lambda.js";

/** max(x, 0) elementwise. */
export const relu = /* @__PURE__ */ stateless("relu", reluOp);
/** 1 / (1 + e^−x) elementwise. */
export const sigmoid = /* @__PURE__ */ stateless("sigmoid", sigmoidOp);
/** The hyperbolic tangent elementwise. */
export const tanh = /* @__PURE__ */ stateless("tanh", tanhOp);
/** Softmax over the last axis. For training on classes use the logits and losses.crossEntropy(), which includes it. */
export const softmax = /* @__PURE__ */ stateless("softmax", softmaxOp);

import { flatten as flattenOp } from "../ops/structure/reshape.js";
import { stateless } from "./lambda.js";

/** [batch, …] to [batch, features]; NHWC order, so channels vary fastest. */
export const flatten = /* @__PURE__ */ stateless("flatten", flattenOp);

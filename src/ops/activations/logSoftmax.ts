import type { Value } from "../../graph/index.js";
import { exp } from "../elementwise/exp.js";
import { log } from "../elementwise/log.js";
import { multiply } from "../elementwise/multiply.js";
import { subtract } from "../elementwise/subtract.js";
import { functionWithOptions } from "../publicFunction.js";
import {
  alongAny,
  type AxisOptions,
  type Backward,
  backwardOfRows,
  type Function1,
  lessLargest,
  ofRows,
  summedOver,
} from "./oneAxis.js";

const composed: Function1 = (x, axes) => {
  const shifted = lessLargest(x, axes);
  return subtract(shifted, log(summedOver(exp(shifted), axes)));
};

const composedBackward: Backward = (y, dy, axes) => subtract(dy, multiply(exp(y), summedOver(dy, axes)));

export const logSoftmaxBackwardOperation = /* @__PURE__ */ backwardOfRows("logSoftmax", composedBackward);
export const logSoftmaxRowsOperation = /* @__PURE__ */ ofRows("logSoftmax", composed, logSoftmaxBackwardOperation);
export const logSoftmaxOperation = /* @__PURE__ */ alongAny(
  "logSoftmax",
  [composed, logSoftmaxRowsOperation],
  [composedBackward, logSoftmaxBackwardOperation],
);

/**
 * x − m − ln Σ e^(x − m) along one axis, m being the maximum along it; any shape. dx = dy − eʸ·Σ dy.
 * @throws ShapeError for an axis that x does not have
 */
export const logSoftmax: (x: Value, options?: AxisOptions) => Value =
  /* @__PURE__ */ functionWithOptions(logSoftmaxOperation);

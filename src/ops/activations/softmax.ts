import { define, type Value } from "../../graph/index.js";
import { divide } from "../elementwise/divide.js";
import { exp } from "../elementwise/exp.js";
import { negate } from "../elementwise/magnitude.js";
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
  oneAxis,
  summedOver,
} from "./oneAxis.js";

const composed: Function1 = (x, axes) => {
  const exponentials = exp(lessLargest(x, axes));
  return divide(exponentials, summedOver(exponentials, axes));
};

const composedBackward: Backward = (y, dy, axes) => multiply(y, subtract(dy, summedOver(multiply(y, dy), axes)));

export const softmaxBackwardOperation = /* @__PURE__ */ backwardOfRows("softmax", composedBackward);
export const softmaxRowsOperation = /* @__PURE__ */ ofRows("softmax", composed, softmaxBackwardOperation);
export const softmaxOperation = /* @__PURE__ */ alongAny(
  "softmax",
  [composed, softmaxRowsOperation],
  [composedBackward, softmaxBackwardOperation],
);

/** The vector-Jacobian product of a softmax along the last axis with the output y: y·(dy − Σ y·dy). */
export function softmaxBackward(y: Value, dy: Value): Value {
  return softmaxBackwardOperation.apply({ y, dy }).dx;
}

/**
 * e^(x − m) / Σ e^(x − m) along one axis, m being the maximum along it; any shape. dx = y·(dy − Σ y·dy).
 * @throws ShapeError for an axis that x does not have
 */
export const softmax: (x: Value, options?: AxisOptions) => Value =
  /* @__PURE__ */ functionWithOptions(softmaxOperation);

/** The softmax of −x, with the same options: the smallest element has the largest share. Throws as `softmax` does. */
export const softmin: (x: Value, options?: AxisOptions) => Value = /* @__PURE__ */ functionWithOptions(
  /* @__PURE__ */ define({
    ...oneAxis("softmin"),
    compose: ({ x }, attributes) => ({ y: softmaxOperation.apply({ x: negate(x) }, attributes).y }),
  }),
);

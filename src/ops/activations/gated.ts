import { ShapeError } from "../../engine/index.js";
import { define, formatValue, type Operation, type Value } from "../../graph/index.js";
import { multiply } from "../elementwise/multiply.js";
import { functionWithOptions } from "../publicFunction.js";
import { withLength } from "../structure/axes.js";
import { partOf } from "../structure/slice.js";
import { gelu } from "./gelu.js";
import { type AxisOptions, oneAxis } from "./oneAxis.js";
import { relu } from "./relu.js";
import { sigmoid } from "./sigmoid.js";
import { silu } from "./smooth.js";

// The first half of x along an axis, a, and the second, b, multiplied after one of them went through a gate.

function gated(name: string, product: (a: Value, b: Value) => Value): Operation<"x", object, "y"> {
  /** The shape of a half. */
  const half = (x: Value, axis: number): readonly number[] => {
    const length = x.shape[axis];
    if (length !== undefined && length % 2 === 0) return withLength(x.shape, axis, length / 2);
    throw new ShapeError(`${name}: wants an axis of even length, got axis ${axis} of ${formatValue(x)}`);
  };
  return define({
    ...oneAxis(name),
    shape: ({ x }, { axis }) => ({ y: half(x, axis) }),
    compose({ x }, { axis }) {
      const lengths = half(x, axis);
      return { y: product(partOf(x, lengths, axis), partOf(x, lengths, axis, lengths[axis])) };
    },
  });
}

/**
 * a·sigmoid(b), of the first half a of x along an axis and the second b: [..., 2C] → [..., C] (Dauphin et al., "Language Modeling
 * with Gated Convolutional Networks", 2017).
 * @throws ShapeError for an axis that x does not have, or of odd length
 */
export const glu: (x: Value, options?: AxisOptions) => Value = /* @__PURE__ */ functionWithOptions(
  /* @__PURE__ */ gated("glu", (a, b) => multiply(a, sigmoid(b))),
);

/**
 * silu(a)·b, of the first half a of x along an axis and the second b: [..., 2C] → [..., C] (Shazeer, "GLU Variants Improve
 * Transformer", 2020). Throws as `glu` does.
 */
export const swiglu: (x: Value, options?: AxisOptions) => Value = /* @__PURE__ */ functionWithOptions(
  /* @__PURE__ */ gated("swiglu", (a, b) => multiply(silu(a), b)),
);

/** gelu(a)·b, of the halves a and b of x along an axis, as `swiglu`: [..., 2C] → [..., C]. Throws as `glu` does. */
export const geglu: (x: Value, options?: AxisOptions) => Value = /* @__PURE__ */ functionWithOptions(
  /* @__PURE__ */ gated("geglu", (a, b) => multiply(gelu(a), b)),
);

/** relu(a)·b, of the halves a and b of x along an axis, as `swiglu`: [..., 2C] → [..., C]. Throws as `glu` does. */
export const reglu: (x: Value, options?: AxisOptions) => Value = /* @__PURE__ */ functionWithOptions(
  /* @__PURE__ */ gated("reglu", (a, b) => multiply(relu(a), b)),
);

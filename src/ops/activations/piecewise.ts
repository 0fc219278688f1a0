import { numberFrom, optional } from "../../engine/index.js";
import type { Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { greater, greaterEqual, less, lessEqual } from "../elementwise/comparisons.js";
import { clamp, maximum } from "../elementwise/extrema.js";
import { abs } from "../elementwise/magnitude.js";
import { logicalAnd, logicalOr } from "../elementwise/logical.js";
import { multiply } from "../elementwise/multiply.js";
import { scale } from "../elementwise/scale.js";
import { subtract } from "../elementwise/subtract.js";
import { where } from "../elementwise/where.js";
import { functionWithOptions, unaryFunction } from "../publicFunction.js";
import { composed } from "./composed.js";

// Activations of straight pieces. At a corner the gradient is that of the piece that PyTorch takes.

const anyNumber = /* @__PURE__ */ numberFrom(-Infinity);

/** Options of `leakyRelu`. */
export interface LeakyReluOptions {
  /** The slope below 0. Default 0.01. */
  readonly negativeSlope?: number;
}

/** x where x > 0, else negativeSlope·x, elementwise; any shape. The gradient at 0 is that below. */
export const leakyRelu: (x: Value, options?: LeakyReluOptions) => Value = /* @__PURE__ */ functionWithOptions(
  /* @__PURE__ */ composed(
    "leakyRelu",
    {
      y(x, { negativeSlope }) {
        const below = scale(x, negativeSlope);
        // One instruction less. Of a slope of 0, ∞·0 is no number.
        return negativeSlope > 0 && negativeSlope <= 1 ? maximum(x, below) : where(greater(x, 0), x, below);
      },
      dx: (x, dy, { negativeSlope }) => where(greater(x, 0), dy, scale(dy, negativeSlope)),
    },
    () => ({ negativeSlope: optional(anyNumber, 0.01) }),
  ),
);

/** dy where least < x < most, and of NaN, else 0. */
const within = (x: Value, dy: Value, least: number, most: number): Value =>
  where(logicalOr(lessEqual(x, least), greaterEqual(x, most)), 0, dy);

/** Options of `hardtanh`. */
export interface HardtanhOptions {
  /** Default −1. */
  readonly minVal?: number;
  /** Default 1. */
  readonly maxVal?: number;
}

/** x, but at least minVal and at most maxVal, elementwise; any shape. The gradient at either is 0. */
export const hardtanh: (x: Value, options?: HardtanhOptions) => Value = /* @__PURE__ */ functionWithOptions(
  /* @__PURE__ */ composed(
    "hardtanh",
    {
      y: (x, { minVal, maxVal }) => clamp(x, { min: minVal, max: maxVal }),
      dx: (x, dy, { minVal, maxVal }) => within(x, dy, minVal, maxVal),
    },
    () => ({ minVal: optional(anyNumber, -1), maxVal: optional(anyNumber, 1) }),
  ),
);

/** x, but at least 0 and at most 6, elementwise; any shape. The gradient at either is 0. */
export const relu6 = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ composed("relu6", { y: (x) => clamp(x, { min: 0, max: 6 }), dx: (x, dy) => within(x, dy, 0, 6) }),
);

/** x/6 + ½ between 0 and 1. */
const ramp = (x: Value): Value => scale(clamp(add(x, 3), { min: 0, max: 6 }), 1 / 6);

/** x/6 + ½, but at least 0 and at most 1, elementwise; any shape. The gradient at either is 0. */
export const hardsigmoid = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ composed("hardsigmoid", {
    y: ramp,
    dx: (x, dy) => where(logicalAnd(greater(x, -3), less(x, 3)), scale(dy, 1 / 6), 0),
  }),
);

/**
 * x·hardsigmoid(x) elementwise; any shape (Howard et al., "Searching for MobileNetV3", 2019). dx = dy·(x/3 + ½) where −3 ≤ x < 3.
 */
export const hardswish = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ composed("hardswish", {
    y: (x) => multiply(x, ramp(x)),
    dx: (x, dy) => where(less(x, -3), 0, where(less(x, 3), multiply(dy, add(scale(x, 1 / 3), 0.5)), dy)),
  }),
);

/** Options of `hardshrink` and `softshrink`. */
export interface ShrinkOptions {
  /** What is not larger becomes 0. Default 0.5. */
  readonly lambda?: number;
}

/** 0 where |x| ≤ lambda, else `other`. */
const beyond = (x: Value, lambda: number, other: Value): Value => where(lessEqual(abs(x), lambda), 0, other);

/** x where |x| > lambda, else 0, elementwise; any shape. */
export const hardshrink: (x: Value, options?: ShrinkOptions) => Value = /* @__PURE__ */ functionWithOptions(
  /* @__PURE__ */ composed(
    "hardshrink",
    { y: (x, { lambda }) => beyond(x, lambda, x), dx: (x, dy, { lambda }) => beyond(x, lambda, dy) },
    () => ({ lambda: optional(anyNumber, 0.5) }),
  ),
);

/** x − lambda where x > lambda, x + lambda where x < −lambda, else 0, elementwise; any shape. lambda ≥ 0. */
export const softshrink: (x: Value, options?: ShrinkOptions) => Value = /* @__PURE__ */ functionWithOptions(
  /* @__PURE__ */ composed(
    "softshrink",
    {
      y: (x, { lambda }) => subtract(x, clamp(x, { min: -lambda, max: lambda })),
      dx: (x, dy, { lambda }) => beyond(x, lambda, dy),
    },
    () => ({ lambda: optional(numberFrom(0), 0.5) }),
  ),
);

/** Options of `threshold`. */
export interface ThresholdOptions {
  readonly threshold: number;
  /** What stands for elements that are not above the threshold. */
  readonly value: number;
}

/** x where x > threshold, else value, elementwise; any shape. */
export const threshold: (x: Value, options: ThresholdOptions) => Value = /* @__PURE__ */ functionWithOptions(
  /* @__PURE__ */ composed(
    "threshold",
    {
      y: (x, { threshold, value }) => where(lessEqual(x, threshold), value, x),
      dx: (x, dy, { threshold }) => where(lessEqual(x, threshold), 0, dy),
    },
    () => ({ threshold: anyNumber, value: anyNumber }),
  ),
);

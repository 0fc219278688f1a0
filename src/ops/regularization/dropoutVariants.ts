import { ShapeError } from "../../engine/index.js";
import { define, formatValue, type Operation, type Shape, type Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { multiply } from "../elementwise/multiply.js";
import { scale } from "../elementwise/scale.js";
import { carrying } from "../publicFunction.js";
import { dropoutOf, dropping } from "./dropout.js";

// Noise of ones that dropout leaves or drops, and what is done with it.

/** One element for each channel of each sample of [B, ..., C]. */
function channelsOf(operation: string, x: Value): Shape {
  if (x.shape.length < 2) throw new ShapeError(`${operation}: wants x of shape [B, ..., C], got ${formatValue(x)}`);
  return x.shape.map((length, axis) => (axis === 0 || axis === x.shape.length - 1 ? length : 1));
}

type Dropped = (x: Value, noise: (factor: number) => Value, p: number) => Value;

/** An operation on x and noise, which is 0 with probability p, else a factor. */
function noisy(name: string, byChannels: boolean, y: Dropped): Operation<"x", object, "y"> {
  const shapeOf = (x: Value): Shape => (byChannels ? channelsOf(name, x) : x.shape);
  return define({
    ...dropping,
    name,
    shape: ({ x }) => (shapeOf(x), { y: x.shape }),
    compose: ({ x }, { p, stream }) => ({
      y: y(x, (factor) => dropoutOf(x.graph.constant(shapeOf(x), 1), { p, stream, scale: factor }), p),
    }),
  });
}

const dropped: Dropped = (x, noise, p) => (p < 1 ? multiply(x, noise(1 / (1 - p))) : scale(x, 0));

/** What SELU goes to at −∞, with its sign changed. */
const alpha = 1.7580993408473766;

/** What is dropped becomes −alpha; then y = a·(x or −alpha) + b has the mean and variance that x had, if those were 0 and 1. */
const alphaDropped: Dropped = (x, noise, p) => {
  if (p === 1) return scale(x, 0);
  const a = Math.fround(1 / Math.sqrt((alpha * alpha * p + 1) * (1 - p)));
  const kept = noise(a);
  return add(multiply(x, kept), scale(add(kept, -a * (1 - p)), alpha));
};

const positional = (operation: Operation<"x", object, "y">): ((x: Value, p: number) => Value) =>
  carrying(operation, (x: Value, p: number): Value => operation.call({ x }, { p }).y);

/**
 * Dropout of whole channels: those of each sample of x, [B, ..., C], are 0 with probability p, else x/(1−p) (Tompson et al.,
 * "Efficient Object Localization Using Convolutional Networks", 2015). PyTorch has it as dropout1d, 2d and 3d.
 * @throws ShapeError for x of fewer than two axes, ArgumentError unless 0 ≤ p ≤ 1
 */
export const channelDropout = /* @__PURE__ */ positional(/* @__PURE__ */ noisy("channelDropout", true, dropped));

/**
 * Dropout for networks of SELUs: elements become the limit of SELU at −∞ with probability p, and then all are scaled and shifted so
 * that mean 0 and variance 1 stay (Klambauer et al., "Self-Normalizing Neural Networks", 2017). Any shape.
 * @throws ArgumentError unless 0 ≤ p ≤ 1
 */
export const alphaDropout = /* @__PURE__ */ positional(/* @__PURE__ */ noisy("alphaDropout", false, alphaDropped));

/** `alphaDropout` of whole channels of each sample of x, [B, ..., C]. Throws as `channelDropout` does. */
export const featureAlphaDropout = /* @__PURE__ */ positional(
  /* @__PURE__ */ noisy("featureAlphaDropout", true, alphaDropped),
);

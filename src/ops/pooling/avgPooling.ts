import { flag, integerFrom, mostLength, numberFrom, optional, spelledOut } from "../../engine/index.js";
import { define, type Value } from "../../graph/index.js";
import { equal } from "../elementwise/comparisons.js";
import { pow } from "../elementwise/powers.js";
import { scale } from "../elementwise/scale.js";
import { where } from "../elementwise/where.js";
import { carrying } from "../publicFunction.js";
import type { Window } from "./axisMap.js";
import type { PerAxes } from "./images.js";
import { mappedShape, resampled } from "./resample.js";
import {
  type PaddedWindowOptions,
  paddedWindowReaders,
  type WindowOptions,
  windowReaders,
  windowsOf,
} from "./windows.js";

export interface AvgPoolOptions extends PaddedWindowOptions {
  /** Whether padding, which is 0, counts among the elements of a window. Default true. */
  readonly countIncludePad?: boolean;
  /** What sums are divided by. Default: the number of elements of the window. */
  readonly divisorOverride?: number | undefined;
}

/** How the options of average pooling are read. */
export const avgPoolReaders = (rank: number) => ({
  ...paddedWindowReaders(rank),
  countIncludePad: optional(flag, true),
  divisorOverride: optional(integerFrom(1, mostLength)),
});

const noWindows: { readonly windows: readonly Window[] } = { windows: [] };

function avgPooling(rank: number): (x: Value, options: AvgPoolOptions | PerAxes) => Value {
  const name = `avgPool${rank}d`;
  const operation = define({
    ...{ name, inputs: ["x"], attributes: noWindows },
    options: () => avgPoolReaders(rank),
    fit({ x }, { countIncludePad, divisorOverride, ...options }) {
      const windows = windowsOf(name, x, { ...options, divisor: countIncludePad ? "padded" : "inside" });
      if (divisorOverride === undefined) return { windows };
      return { windows: windows.map((window, axis) => ({ ...window, divisor: axis === 0 ? divisorOverride : 1 })) };
    },
    shape: ({ x }, { windows }) => ({ y: mappedShape(x.shape, windows) }),
    compose: ({ x }, { windows }) => ({ y: resampled(x, windows) }),
  });
  return carrying(operation, (x, options) => operation.call({ x }, spelledOut(options, "kernelSize")).y);
}

/**
 * Mean of each window: [B, L, C] → [B, ⌊(L + 2·padding − k)/stride⌋ + 1, C], or ⌈·⌉ by `ceilMode`; what a window has beyond the
 * padding does not count. The gradient of each window is spread evenly over it. A number in the place of the options is the kernel
 * size.
 * @throws ShapeError for another number of axes, windows longer than the padded axis, and padding of more than half of one
 */
export const avgPool1d = /* @__PURE__ */ avgPooling(1);

/** Mean of each window of [B, H, W, C]; all else as `avgPool1d`. */
export const avgPool2d = /* @__PURE__ */ avgPooling(2);

/** Mean of each window of [B, D, H, W, C]; all else as `avgPool1d`. */
export const avgPool3d = /* @__PURE__ */ avgPooling(3);

export interface LpPoolOptions extends WindowOptions {
  /** p. */
  readonly normType: number;
}

/** How the options of LP pooling are read. */
export const lpPoolReaders = (rank: number) => ({ normType: numberFrom(2 ** -20, 2 ** 20), ...windowReaders(rank) });

function lpPooling(rank: number): (x: Value, options: LpPoolOptions) => Value {
  const name = `lpPool${rank}d`;
  const operation = define({
    ...{ name, inputs: ["x"], attributes: { ...noWindows, normType: 2 } },
    options: () => lpPoolReaders(rank),
    fit: ({ x }, { normType, ...options }) => ({
      windows: windowsOf(name, x, { ...options, divisor: "padded" }),
      normType,
    }),
    shape: ({ x }, { windows }) => ({ y: mappedShape(x.shape, windows) }),
    compose({ x }, { windows, normType }) {
      const elements = windows.reduce((product, { kernel }) => product * kernel, 1);
      if (normType === 1) return { y: scale(resampled(x, windows), elements) };
      const sum = scale(resampled(pow(x, normType), windows), elements);
      // The root is infinitely steep at 0: PyTorch has no gradient there.
      const isNone = equal(sum, 0);
      return { y: where(isNone, 0, pow(where(isNone, 1, sum), 1 / normType)) };
    },
  });
  return carrying(operation, (x, options) => operation.call({ x }, options).y);
}

/**
 * (Σ xᵖ)^(1/p) over each window, p being `normType`: [B, L, C] → [B, ⌊(L − k)/stride⌋ + 1, C], or ⌈·⌉ by `ceilMode`, where the sum of
 * a window that reaches beyond the end is scaled up to that of a whole one. As in PyTorch no absolute value is taken, so a negative
 * sum gives NaN; the gradient is 0 where the sum is 0.
 * @throws ShapeError for another number of axes, and for windows longer than the axis
 */
export const lpPool1d = /* @__PURE__ */ lpPooling(1);

/** (Σ xᵖ)^(1/p) over each window of [B, H, W, C]; all else as `lpPool1d`. */
export const lpPool2d = /* @__PURE__ */ lpPooling(2);

/** (Σ xᵖ)^(1/p) over each window of [B, D, H, W, C]; all else as `lpPool1d`. */
export const lpPool3d = /* @__PURE__ */ lpPooling(3);
